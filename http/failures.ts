import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError } from 'fastify';
import { BodyError } from './json-body.ts';
import { problem, type Answer, type ProblemCode } from './problems.ts';
import { InvalidInput } from './validator.ts';

/** Fastify's own refusals, each with the sentence that the caller gets. */
const refusals: Readonly<Record<string, [ProblemCode, string]>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: ['malformed-json', 'the body is not valid JSON'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['invalid-request', 'a JSON body is required'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'invalid-request',
    'the body is not as long as Content-Length says',
  ],
  FST_ERR_CTP_BODY_TOO_LARGE: ['body-too-large', 'the body is larger than this node accepts'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'unsupported-media-type',
    'bodies must be sent with Content-Type: application/json',
  ],
  FST_STATIC_FORBIDDEN_PATH: ['not-found', 'nothing is at this path'],
  FST_ERR_BAD_URL: ['invalid-request', 'the path is not validly percent-encoded'],
  FST_ERR_MAX_PARAM_LENGTH: ['invalid-request', 'a part of the path is too long'],
};

/**
 * The answer to whatever was thrown on the way to an answer, or null when nobody foresaw it: that
 * is an `internal-error`, and the caller must log it.
 */
export function expectedFailure(error: unknown): Answer | null {
  if (error instanceof InvalidInput) {
    const [first] = error.errors;
    const where = [first?.in, first?.pointer].filter(Boolean).join(' ');
    const detail = `${where} ${first?.detail ?? 'is wrong'}`;
    return problem('invalid-request', { detail, errors: error.errors });
  }
  if (error instanceof BodyError) return problem('malformed-json', { detail: error.message });
  const { code, statusCode } = (error ?? {}) as Partial<FastifyError>;
  const refusal = refusals[code ?? ''];
  if (refusal) return problem(refusal[0], { detail: refusal[1] });
  // A body that breaks off, and what else Fastify blames on the client.
  if (statusCode === 400) return problem('invalid-request', { detail: 'the request broke off' });
  return null;
}

/** What is answered to bytes that never became a request, and then the connection is closed. */
export function refuseConnection(
  error: NodeJS.ErrnoException,
  socket: Socket,
  headers: Readonly<Record<string, string>>,
): void {
  const { code = '' } = error;
  // Whoever has not shaken hands, as plain http does not, could not read what is said over TLS.
  const isUnread = code === 'ECONNRESET' || code === 'EPROTO' || /^ERR_(SSL|TLS)_/.test(code);
  if (isUnread || !socket.writable || isUnderWay(socket)) {
    socket.destroy();
    return;
  }
  const { status, body } = connectionProblem(error);
  const requestId = randomUUID();
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const text = JSON.stringify({ ...(body as object), requestId });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n` +
      `Connection: close\r\n${lines.join('')}` +
      'Content-Type: application/problem+json\r\n' +
      `Content-Length: ${Buffer.byteLength(text)}\r\n` +
      `Request-Id: ${requestId}\r\n\r\n${text}`,
    () => {
      socket.destroy();
    },
  );
}

/**
 * Whether a request of this connection has arrived whole: its handler may be at work, and whatever
 * is written now would be taken for its answer. A cut connection leaves its outcome open instead.
 */
function isUnderWay(socket: Socket): boolean {
  const { _httpMessage: message } = socket as Socket & { _httpMessage?: ServerResponse | null };
  return message ? message.headersSent || message.req.complete : false;
}

function connectionProblem({ code }: NodeJS.ErrnoException): Answer {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return problem('request-timeout', { detail: 'the request did not arrive whole in time' });
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return problem('headers-too-large', { detail: 'the headers are larger than accepted' });
  }
  return problem('invalid-request', { detail: 'what was sent is not an HTTP request' });
}
