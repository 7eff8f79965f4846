import {
  type AuthenticationOutcome,
  type Authenticator,
  type AccessTokenClaims,
  forbidden,
  insufficientScope,
  JWT_PROFILE,
  looksLikeApiKey,
  type Principal,
  readAccessClaims,
  unauthenticated,
} from '@millrace/service-kit';
import { type Access, scopeOf } from '@millrace/contracts';
import type { Request, RequestHandler, Response } from 'express';
import passportModule from 'passport';
import { Strategy as JwtStrategy } from 'passport-jwt';
import { factsOf } from './locals.js';

/** A key that leaked must not take over the account, nor end the sessions of whom it leaked from. */
const NOT_WITH_A_KEY =
  'An API key cannot look after the account it belongs to or its sessions: sign in with the password';

export interface Gate {
  /** Lets those in whom `access` admits and notes who they are; 401 and 403 for the others. */
  admit(access: Access): RequestHandler;
}

/**
 * Passport checks the JWT (algorithm, issuer and audience pinned); who it belongs to and what they may do comes from
 * the database through the authenticator. API keys go the second half of the way only.
 */
export function createGate(authenticator: Authenticator, jwtSecret: string): Gate {
  const passport = new passportModule.Passport();
  passport.use(
    new JwtStrategy(
      {
        jwtFromRequest: (request: Request) => bearerOf(request.headers.authorization) ?? null,
        secretOrKey: jwtSecret,
        algorithms: [JWT_PROFILE.algorithm],
        issuer: JWT_PROFILE.issuer,
        audience: JWT_PROFILE.audience,
      },
      (payload: unknown, done) => {
        done(null, readAccessClaims(payload) ?? false);
      },
    ),
  );

  function verifyJwt(request: Request, response: Response): Promise<AccessTokenClaims | undefined> {
    return new Promise((resolve, reject) => {
      const answered = (error: unknown, claims?: AccessTokenClaims | false | null): void => {
        if (error instanceof Error) reject(error);
        else resolve(claims === false ? undefined : (claims ?? undefined));
      };
      const check = passport.authenticate('jwt', { session: false }, answered) as RequestHandler;
      void check(request, response, (error?: unknown) => {
        reject(error instanceof Error ? error : new Error('the token could not be checked'));
      });
    });
  }

  async function identify(request: Request, response: Response): Promise<Principal> {
    const credential = bearerOf(request.headers.authorization);
    if (credential === undefined) throw unauthenticated();
    if (looksLikeApiKey(credential)) return admitted(await authenticator.authenticateApiKey(credential));
    const claims = await verifyJwt(request, response);
    if (claims === undefined) throw rejected();
    return admitted(await authenticator.authenticateClaims(claims));
  }

  return {
    admit(access) {
      if (access === 'anonymous') {
        return (_request, _response, next) => {
          next();
        };
      }
      return async (request, response, next) => {
        const principal = await identify(request, response);
        if (access === 'session' && principal.apiKeyId !== null) throw forbidden(NOT_WITH_A_KEY);
        const scope = scopeOf(access);
        if (scope !== undefined && !principal.scopes.includes(scope)) throw insufficientScope(scope);
        factsOf(response).principal = principal;
        next();
      };
    },
  };
}

function bearerOf(header: string | undefined): string | undefined {
  return /^bearer +(\S+) *$/i.exec(header ?? '')?.[1];
}

const rejected = (): Error => unauthenticated('Could not validate credentials');

function admitted(outcome: AuthenticationOutcome): Principal {
  if (outcome.kind === 'authenticated') return outcome.principal;
  if (outcome.kind === 'disabled') throw forbidden('This account is disabled');
  throw rejected();
}
