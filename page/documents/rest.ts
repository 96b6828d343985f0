import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import { ROOT } from '../api/rest.ts';

/** Shows the OpenAPI document, and sends the requests that a reader fills in. */
export function showRest(domNode: HTMLElement): void {
  SwaggerUI({
    url: `${ROOT}openapi.json`,
    domNode,
    tryItOutEnabled: true,
    defaultModelsExpandDepth: 0,
    docExpansion: 'list',
    validatorUrl: null,
  });
}
