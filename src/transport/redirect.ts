import type { IncomingMessage } from 'node:http'
import type { Gate } from '../access/gate.js'
import { htmlAnswer, plainError } from './http-answer.js'
import type { Answer } from './http-answer.js'
import { queryOf } from './reception.js'

const isWeb = ({ protocol }: URL): boolean => protocol === 'http:' || protocol === 'https:'

/**
 * GET /server/redirect?url=...: only to pages that may use the API anyway, else anybody could borrow this machine's name.
 * What counts is where the browser would go, not what the text looks like.
 */
export const redirectRoute =
  (gate: Gate) =>
  async ({ url }: IncomingMessage): Promise<Answer> => {
    const wanted = new URLSearchParams(queryOf(url)).getAll('url').at(-1) ?? ''
    const target = URL.canParse(wanted) ? new URL(wanted) : null
    if (target === null || !isWeb(target) || !gate.allowsOrigin(target.origin))
      return plainError(400, 'bad_argument')
    return { ...htmlAnswer(302, ''), headers: { Location: target.href } }
  }
