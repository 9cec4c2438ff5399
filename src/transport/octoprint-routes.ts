import { encode } from '../contract/encoded.js'
import type { Inside } from './door.js'
import { jsonAnswer } from './http-answer.js'
import type { Route, Verbs } from './routes.js'

/** compat: the OctoPrint that Moonraker says it is. */
const version = '1.5.0'

type Facts = NonNullable<ReturnType<Inside['app']['server']['octoprint']>>

interface Page {
  readonly verb: 'GET' | 'POST'
  readonly answer: (facts: Facts) => object
}

/** compat: whoever is let in is the one user there is, whatever they may do here. */
const everybody = {
  _is_external_client: false,
  _login_mechanism: 'apikey',
  name: '_api',
  active: true,
  user: true,
  admin: true,
  apikey: null,
  permissions: [],
  groups: ['admins', 'users'],
}

/** What programs ask that want to know whether there is an OctoPrint, and whether their key is good. */
const pages = new Map<string, Page>([
  [
    '/api/version',
    {
      verb: 'GET',
      answer: (facts) => ({ server: version, api: '0.1', text: `OctoPrint (Moonraker ${facts.version})` }),
    },
  ],
  [
    '/api/server',
    { verb: 'GET', answer: ({ ready }) => ({ server: version, safemode: ready ? null : 'settings' }) },
  ],
  ['/api/login', { verb: 'POST', answer: () => everybody }],
])

export const octoprintPaths: readonly string[] = [...pages.keys()]

/** What answers at a path of OctoPrint's: nothing without [octoprint_compat]. compat: not wrapped in a result. */
export const octoprintVerbs = ({ app }: Inside, path: string): Verbs | undefined => {
  const page = pages.get(path)
  const facts = page === undefined ? null : app.server.octoprint()
  if (page === undefined || facts === null) return undefined
  const route: Route = {
    scope: 'read',
    respond: async () => jsonAnswer(encode(JSON.stringify(page.answer(facts)))),
  }
  return new Map([[page.verb, route]])
}
