// Generated from schemas/ by build/generate.mjs. Do not edit.

/**
 * Done.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateClientResult".
 */
export type MachineUpdateClientResult = "ok"
/**
 * Done.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateFullResult".
 */
export type MachineUpdateFullResult = "ok"
/**
 * Done.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateKlipperResult".
 */
export type MachineUpdateKlipperResult = "ok"
/**
 * Done.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateMoonrakerResult".
 */
export type MachineUpdateMoonrakerResult = "ok"
/**
 * Done.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateRecoverResult".
 */
export type MachineUpdateRecoverResult = "ok"
/**
 * Done.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateRollbackResult".
 */
export type MachineUpdateRollbackResult = "ok"
/**
 * Done.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateSystemResult".
 */
export type MachineUpdateSystemResult = "ok"
/**
 * Done.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateUpgradeResult".
 */
export type MachineUpdateUpgradeResult = "ok"
/**
 * Done.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerRestartResult".
 */
export type ServerRestartResult = "ok"

/**
 * One commit that an upgrade would bring.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "Commit".
 */
export interface Commit {
/**
 * The commit.
 */
sha: string
author: string
/**
 * Unix seconds, as text.
 */
date: string
subject: string
message: string
/**
 * The tag on this commit.
 */
tag: (string | null)
}
/**
 * An application that is a git checkout.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "GitRepoStatus".
 */
export interface GitRepoStatus {
/**
 * The update channel in use.
 */
channel: ("stable" | "beta" | "dev")
/**
 * True when the daemon was started with -g: a detached HEAD may then be updated.
 */
debug_enabled: boolean
/**
 * True when the configured channel is not one of this type; never for git_repo.
 */
channel_invalid: boolean
/**
 * True when the repository can be updated.
 */
is_valid: boolean
/**
 * The updater's type.
 */
configured_type: "git_repo"
/**
 * Tags from the configuration, each key=value.
 */
info_tags: string[]
/**
 * Always git_repo; kept for old front ends.
 */
detected_type: "git_repo"
/**
 * True when the folder is a readable git repository.
 */
repo_detected: boolean
/**
 * Name of the tracked remote, ? when unknown.
 */
remote_alias: string
/**
 * Name of the current or last tracked branch, ? when unknown.
 */
branch: string
/**
 * Owner of the remote repository, from its URL.
 */
owner: string
/**
 * Name of the remote repository, from its URL.
 */
repo_name: string
/**
 * URL of the tracked remote.
 */
remote_url: string
/**
 * URL that a hard recovery clones from, ? when there is none.
 */
recovery_url: string
/**
 * The installed version: the last tag and the commits since.
 */
version: string
/**
 * The version that an upgrade would bring.
 */
remote_version: string
/**
 * The version that a rollback would bring back.
 */
rollback_version: string
/**
 * The commit that is checked out.
 */
current_hash: string
/**
 * The commit that an upgrade would check out.
 */
remote_hash: string
/**
 * True when tracked files were edited.
 */
is_dirty: boolean
/**
 * True when HEAD is detached.
 */
detached: boolean
/**
 * The newest 30 commits that an upgrade would bring, and the tagged ones among the newest 100.
 */
commits_behind: Commit[]
/**
 * How many commits an upgrade would bring.
 */
commits_behind_count: number
/**
 * What git said when it failed last; empty when it did not.
 */
git_messages: string[]
/**
 * The version as git describe tells it.
 */
full_version_string: string
/**
 * True when nothing was edited and no source file is untracked.
 */
pristine: boolean
/**
 * True when the repository is damaged.
 */
corrupt: boolean
/**
 * What forbids an update, for people.
 */
warnings: string[]
/**
 * What is unusual but forbids nothing, for people.
 */
anomalies: string[]
/**
 * The application's name.
 */
name: string
}
/**
 * The state of every application.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "UpdateStatus".
 */
export interface UpdateStatus {
/**
 * Requests GitHub allows an hour.
 */
github_rate_limit: (number | null)
/**
 * Requests left.
 */
github_requests_remaining: (number | null)
/**
 * Unix seconds when the limit resets.
 */
github_limit_reset_time: (number | null)
/**
 * One entry an application: system, moonraker, klipper, then as configured.
 */
version_info: {
[k: string]: GitRepoStatus
}
/**
 * True while an operation runs.
 */
busy: boolean
}
/**
 * What is kept of an application between starts.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ApplicationState".
 */
export interface ApplicationState {
type: string
/**
 * Of the section of the configuration; a change means that it must be looked at again.
 */
optionsHash: string
/**
 * Unix milliseconds of the last look at the remote; 0 when there was none.
 */
refreshedAt: number
/**
 * Why nobody but a person can go on; null when all is well.
 */
needsPerson: (string | null)
/**
 * The updater's own.
 */
saved: {
[k: string]: unknown
}
}
/**
 * What is known of a git checkout.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "GitRepoState".
 */
export interface GitRepoState {
/**
 * What the folder is.
 */
repository: ("unknown" | "absent" | "repo" | "submodule" | "worktree")
/**
 * The folder with HEAD and the index; empty when there is none.
 */
gitFolder: string
corrupt: boolean
/**
 * True when git refuses because another user owns the repository.
 */
foreignOwner: boolean
remote: string
branch: string
detached: boolean
remoteUrl: string
recoveryUrl: string
owner: string
repoName: string
currentCommit: string
upstreamCommit: string
currentVersion: string
upstreamVersion: string
dirty: boolean
modified: string[]
untracked: string[]
diverged: boolean
pinnedFound: boolean
/**
 * A place to go back to.
 */
rollback: {
commit: string
/**
 * ? when HEAD was detached and nothing is known.
 */
branch: string
/**
 * As git describe tells it.
 */
version: string
}
commitsBehind: Commit[]
commitsBehindCount: number
/**
 * What git said when it failed last.
 */
messages: string[]
/**
 * Why the last look did not end well, for people.
 */
failure: (string | null)
target: ({
/**
 * The commit that was checked out, ? when unknown.
 */
from: string
to: string
/**
 * null: detached.
 */
fromBranch: (string | null)
toBranch: (string | null)
/**
 * True when git can read the old repository.
 */
readable: boolean
/**
 * Where a hard recovery clones from.
 */
cloneUrl: (string | null)
/**
 * Names what is kept of local edits.
 */
stamp: string
/**
 * Files that name dependencies and differ between the two versions.
 */
dependencies: string[]
/**
 * True when the index is damaged and must be built again.
 */
rebuildIndex: boolean
} | null)
}
/**
 * The operation that is under way. Written before each step.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "Journal".
 */
export interface Journal {
/**
 * Moonkeeper's version.
 */
version: string
/**
 * The operation.
 */
id: string
application: string
type: string
/**
 * The updater's options as they were.
 */
options: {
[k: string]: unknown
}
/**
 * The application's options of ours.
 */
own: {
[k: string]: unknown
}
/**
 * What is being done.
 */
goal: {
[k: string]: unknown
}
/**
 * The updater's saved state before it.
 */
saved: {
[k: string]: unknown
}
/**
 * The plan's step names.
 */
steps: string[]
/**
 * Index of the step that may have begun.
 */
at: number
/**
 * committed: only the cleanup is left.
 */
phase: ("running" | "undoing" | "committed")
/**
 * How often an undo was begun.
 */
attempts: number
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateClientParams".
 */
export interface MachineUpdateClientParams {
/**
 * The application. All of them when left out.
 */
name?: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateFullParams".
 */
export interface MachineUpdateFullParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateKlipperParams".
 */
export interface MachineUpdateKlipperParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateMoonrakerParams".
 */
export interface MachineUpdateMoonrakerParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateRecoverParams".
 */
export interface MachineUpdateRecoverParams {
/**
 * The application.
 */
name: string
/**
 * Clone anew instead of resetting.
 */
hard?: boolean
/**
 * Install all dependencies again.
 */
update_deps?: boolean
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateRefreshParams".
 */
export interface MachineUpdateRefreshParams {
/**
 * The application. All of them when left out.
 */
name?: string
}
/**
 * The state of every application.
 */
export interface MachineUpdateRefreshResult {
/**
 * Requests GitHub allows an hour.
 */
github_rate_limit: (number | null)
/**
 * Requests left.
 */
github_requests_remaining: (number | null)
/**
 * Unix seconds when the limit resets.
 */
github_limit_reset_time: (number | null)
/**
 * One entry an application: system, moonraker, klipper, then as configured.
 */
version_info: {
[k: string]: GitRepoStatus
}
/**
 * True while an operation runs.
 */
busy: boolean
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateRollbackParams".
 */
export interface MachineUpdateRollbackParams {
/**
 * The application.
 */
name: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateStatusParams".
 */
export interface MachineUpdateStatusParams {
/**
 * Ask the remotes first (deprecated: use machine.update.refresh).
 */
refresh?: boolean
}
/**
 * The state of every application.
 */
export interface MachineUpdateStatusResult {
/**
 * Requests GitHub allows an hour.
 */
github_rate_limit: (number | null)
/**
 * Requests left.
 */
github_requests_remaining: (number | null)
/**
 * Unix seconds when the limit resets.
 */
github_limit_reset_time: (number | null)
/**
 * One entry an application: system, moonraker, klipper, then as configured.
 */
version_info: {
[k: string]: GitRepoStatus
}
/**
 * True while an operation runs.
 */
busy: boolean
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateSystemParams".
 */
export interface MachineUpdateSystemParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateUpgradeParams".
 */
export interface MachineUpdateUpgradeParams {
/**
 * The application. All of them when left out.
 */
name?: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "RpcDiscoverParams".
 */
export interface RpcDiscoverParams {

}
/**
 * An OpenRPC 1.3 document.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "RpcDiscoverResult".
 */
export interface RpcDiscoverResult {
[k: string]: unknown
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerConfigParams".
 */
export interface ServerConfigParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerConfigResult".
 */
export interface ServerConfigResult {
/**
 * Parsed options by section.
 */
config: {
[k: string]: unknown
}
/**
 * Options by section, as text.
 */
orig: {
[k: string]: unknown
}
files: {
filename: string
sections: string[]
}[]
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerConnectionIdentifyParams".
 */
export interface ServerConnectionIdentifyParams {
client_name: string
version: string
/**
 * web, mobile, desktop, display, bot, agent or other.
 */
type: string
url: string
access_token?: string
api_key?: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerConnectionIdentifyResult".
 */
export interface ServerConnectionIdentifyResult {
connection_id: number
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerInfoParams".
 */
export interface ServerInfoParams {
/**
 * Leave line breaks in warnings as they are instead of <br/>.
 */
raw?: boolean
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerInfoResult".
 */
export interface ServerInfoResult {
klippy_connected: boolean
klippy_state: string
components: string[]
failed_components: string[]
registered_directories: string[]
warnings: string[]
websocket_count: number
moonraker_version: string
missing_klippy_requirements: string[]
api_version: number[]
api_version_string: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerRestartParams".
 */
export interface ServerRestartParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerWebsocketIdParams".
 */
export interface ServerWebsocketIdParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerWebsocketIdResult".
 */
export interface ServerWebsocketIdResult {
websocket_id: number
}
/**
 * The state of every application.
 */
export interface NotifyUpdateRefreshedParams {
/**
 * Requests GitHub allows an hour.
 */
github_rate_limit: (number | null)
/**
 * Requests left.
 */
github_requests_remaining: (number | null)
/**
 * Unix seconds when the limit resets.
 */
github_limit_reset_time: (number | null)
/**
 * One entry an application: system, moonraker, klipper, then as configured.
 */
version_info: {
[k: string]: GitRepoStatus
}
/**
 * True while an operation runs.
 */
busy: boolean
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "NotifyUpdateResponseParams".
 */
export interface NotifyUpdateResponseParams {
/**
 * A line for people. A < that would open a tag is followed by a zero-width space.
 */
message: string
/**
 * The application's name, full, recover_NAME or rollback_NAME.
 */
application: string
/**
 * The same for all lines of one request.
 */
proc_id: number
/**
 * True on the last line.
 */
complete: boolean
}
/**
 * The state of every application.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateRefreshResult".
 */
export interface UpdateStatus1 {
/**
 * Requests GitHub allows an hour.
 */
github_rate_limit: (number | null)
/**
 * Requests left.
 */
github_requests_remaining: (number | null)
/**
 * Unix seconds when the limit resets.
 */
github_limit_reset_time: (number | null)
/**
 * One entry an application: system, moonraker, klipper, then as configured.
 */
version_info: {
[k: string]: GitRepoStatus
}
/**
 * True while an operation runs.
 */
busy: boolean
}
/**
 * The state of every application.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateStatusResult".
 */
export interface UpdateStatus2 {
/**
 * Requests GitHub allows an hour.
 */
github_rate_limit: (number | null)
/**
 * Requests left.
 */
github_requests_remaining: (number | null)
/**
 * Unix seconds when the limit resets.
 */
github_limit_reset_time: (number | null)
/**
 * One entry an application: system, moonraker, klipper, then as configured.
 */
version_info: {
[k: string]: GitRepoStatus
}
/**
 * True while an operation runs.
 */
busy: boolean
}
/**
 * The state of every application.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "NotifyUpdateRefreshedParams".
 */
export interface UpdateStatus3 {
/**
 * Requests GitHub allows an hour.
 */
github_rate_limit: (number | null)
/**
 * Requests left.
 */
github_requests_remaining: (number | null)
/**
 * Unix seconds when the limit resets.
 */
github_limit_reset_time: (number | null)
/**
 * One entry an application: system, moonraker, klipper, then as configured.
 */
version_info: {
[k: string]: GitRepoStatus
}
/**
 * True while an operation runs.
 */
busy: boolean
}

export interface MethodMap {
  'machine.update.client': { params: MachineUpdateClientParams; result: MachineUpdateClientResult }
  'machine.update.full': { params: MachineUpdateFullParams; result: MachineUpdateFullResult }
  'machine.update.klipper': { params: MachineUpdateKlipperParams; result: MachineUpdateKlipperResult }
  'machine.update.moonraker': { params: MachineUpdateMoonrakerParams; result: MachineUpdateMoonrakerResult }
  'machine.update.recover': { params: MachineUpdateRecoverParams; result: MachineUpdateRecoverResult }
  'machine.update.refresh': { params: MachineUpdateRefreshParams; result: MachineUpdateRefreshResult }
  'machine.update.rollback': { params: MachineUpdateRollbackParams; result: MachineUpdateRollbackResult }
  'machine.update.status': { params: MachineUpdateStatusParams; result: MachineUpdateStatusResult }
  'machine.update.system': { params: MachineUpdateSystemParams; result: MachineUpdateSystemResult }
  'machine.update.upgrade': { params: MachineUpdateUpgradeParams; result: MachineUpdateUpgradeResult }
  'rpc.discover': { params: RpcDiscoverParams; result: RpcDiscoverResult }
  'server.config': { params: ServerConfigParams; result: ServerConfigResult }
  'server.connection.identify': { params: ServerConnectionIdentifyParams; result: ServerConnectionIdentifyResult }
  'server.info': { params: ServerInfoParams; result: ServerInfoResult }
  'server.restart': { params: ServerRestartParams; result: ServerRestartResult }
  'server.websocket.id': { params: ServerWebsocketIdParams; result: ServerWebsocketIdResult }
}

export interface NotificationMap {
  'notify_update_refreshed': NotifyUpdateRefreshedParams
  'notify_update_response': NotifyUpdateResponseParams
}

export interface ConfigMap {

}

export type MethodName = keyof MethodMap
