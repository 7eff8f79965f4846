export {
  ACCESS_TOKEN_SECONDS,
  type AccessTokenClaims,
  assertJwtSecret,
  JWT_PROFILE,
  MIN_JWT_SECRET_BYTES,
  type NewAccessToken,
  readAccessClaims,
  signAccessToken,
  verifyAccessToken,
} from './access-token.js';
export {
  type Authenticator,
  type AuthenticatorOptions,
  createAuthenticator,
  TICKET_SECONDS,
} from './authenticator.js';
export { type AuthenticationOutcome, hasScope, type Principal } from './principal.js';
export { generateApiKey, hashSecret, looksLikeApiKey, randomSecret } from './secrets.js';
