export { JsonView } from './json-view';
export { PayloadView } from './payload-view';
export { expressionOf, type JsonPath } from './path';
