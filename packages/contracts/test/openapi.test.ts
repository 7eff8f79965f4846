import { apiRoutes, API_ERRORS, createOpenApiDocument, errorsOf, pathParameters } from '@millrace/contracts';
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect } from 'chai';
import * as z from 'zod';

/** As it travels: without what is undefined. */
const openApi = z.looseObject({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.looseObject({ operationId: z.string(), responses: z.looseObject({}) })),
  ),
});

function documentAsSent(): z.infer<typeof openApi> {
  return openApi.parse(JSON.parse(JSON.stringify(createOpenApiDocument({ version: '1.2.3' }))));
}

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const result = await new Validator().validate(documentAsSent());

    expect(result.valid, JSON.stringify(result.errors)).to.equal(true);
  });

  it('has exactly the operations of the route table, each under a name of its own', () => {
    const { paths } = documentAsSent();
    const documented = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
    const wanted = apiRoutes().flatMap(([, route]) => route.paths.map((path) => `${route.method} ${path}`));
    const ids = Object.values(paths).flatMap((item) =>
      Object.values(item).map(({ operationId }) => operationId),
    );

    expect(documented).to.have.members(wanted);
    expect(new Set(ids).size).to.equal(ids.length);
  });

  it('tells every status an operation can answer with', () => {
    const { paths } = documentAsSent();
    for (const [name, route] of apiRoutes()) {
      const { responses = {} } = paths[route.paths[0]]?.[route.method] ?? {};
      const statuses = [
        ...Object.keys(route.responses),
        ...errorsOf(route).map((code) => String(API_ERRORS[code].status)),
      ];
      expect(Object.keys(responses), name).to.have.members([...new Set(statuses)]);
    }
  });

  it('names the same parameters in every path of an operation', () => {
    for (const [name, { paths }] of apiRoutes()) {
      for (const path of paths) expect(pathParameters(path), name).to.deep.equal(pathParameters(paths[0]));
    }
  });

  it('uses every example in a valid way', () => {
    for (const [name, { body }] of apiRoutes()) {
      if (body?.example === undefined) continue;
      expect(body.schema.safeParse(body.example).success, name).to.equal(true);
    }
  });
});
