export { createGateway, type Gateway, type GatewayOptions } from './gateway.js';
export { createHttpServer, type HttpServer, type HttpServerOptions } from './server.js';
