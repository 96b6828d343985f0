/** What an order would get now, without submitting it. */
import type { QuoteOrder } from '../../orders/submission/quote-order.ts';
import { submissionSchema } from '../../protocol/requests.ts';
import { quotesViewSchema } from '../../protocol/views.ts';
import { ANY_HEADERS, NO_PARAMETERS, postRoute, type Route } from '../route.ts';

export interface QuoteRoutesDeps {
  readonly quoteOrder: QuoteOrder;
}

export function quoteRoutes({ quoteOrder }: QuoteRoutesDeps): readonly Route[] {
  return [
    postRoute({
      path: '/api/quotes',
      summary: 'Ask the venues what an order would get now',
      access: 'submit',
      params: NO_PARAMETERS,
      query: NO_PARAMETERS,
      headers: ANY_HEADERS,
      // That of a submission, so that what was quoted can be submitted as it is.
      body: submissionSchema,
      answers: { 200: quotesViewSchema },
      errors: ['unknown_token', 'too_many_quotes', 'quotes_unavailable'],
      handle: async ({ body: submission }, { owner }) => ({
        status: 200,
        body: await quoteOrder({ owner, submission }),
      }),
    }),
  ];
}
