import { createGitHub, type GitHub, type GitHubSetup } from '../releases/github.js'
import type { RateFigures } from '../releases/rate-limit.js'

/** The forges that applications come from: one client each, however many applications it has. */
export class Forges {
  private readonly clients = new Map<string, GitHub>()

  constructor(private readonly setup: Omit<GitHubSetup, 'apiUrl'>) {}

  /** @param apiUrl a GitHub-compatible forge or mirror; GitHub when not given */
  at(apiUrl?: string): GitHub {
    const key = apiUrl ?? ''
    const known = this.clients.get(key)
    if (known !== undefined) return known
    // A token is for the forge that it was made at.
    const { token, ...rest } = this.setup
    const client = createGitHub(apiUrl === undefined ? { ...rest, token } : { ...rest, apiUrl })
    this.clients.set(key, client)
    return client
  }

  /** GitHub's figures, for the status. */
  limits(): RateFigures {
    return this.at().limits()
  }
}
