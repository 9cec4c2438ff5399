// Generated from schemas/ by build/generate.mjs. Do not edit.

/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "AccessGetApiKeyResult".
 */
export type AccessGetApiKeyResult = string
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "AccessOneshotTokenResult".
 */
export type AccessOneshotTokenResult = string
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "AccessPostApiKeyResult".
 */
export type AccessPostApiKeyResult = string
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ConnectionRegisterRemoteMethodResult".
 */
export type ConnectionRegisterRemoteMethodResult = string
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ConnectionSendEventResult".
 */
export type ConnectionSendEventResult = string
/**
 * Done.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineRebootResult".
 */
export type MachineRebootResult = "ok"
/**
 * Done.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineServicesRestartResult".
 */
export type MachineServicesRestartResult = "ok"
/**
 * Done.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineServicesStartResult".
 */
export type MachineServicesStartResult = "ok"
/**
 * Done.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineServicesStopResult".
 */
export type MachineServicesStopResult = "ok"
/**
 * Done.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineShutdownResult".
 */
export type MachineShutdownResult = "ok"
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
 * It is gone.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateImagesDeleteResult".
 */
export type MachineUpdateImagesDeleteResult = "ok"
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
 * "ok" when it is done. The job when it was asked for in the background, for later, or only to be prepared; the plan when only that was asked for.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateRecoverResult".
 */
export type MachineUpdateRecoverResult = ("ok" | Job | Plan)
/**
 * "ok" when it is done. The job when it was asked for in the background, for later, or only to be prepared; the plan when only that was asked for.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateRollbackResult".
 */
export type MachineUpdateRollbackResult = ("ok" | Job | Plan)
/**
 * Done.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateSystemResult".
 */
export type MachineUpdateSystemResult = "ok"
/**
 * "ok" when it is done. The job when it was asked for in the background, for later, or only to be prepared; the plan when only that was asked for.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateUpgradeResult".
 */
export type MachineUpdateUpgradeResult = ("ok" | Job | Plan)
/**
 * Done.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterEmergencyStopResult".
 */
export type PrinterEmergencyStopResult = "ok"
/**
 * Done.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterFirmwareRestartResult".
 */
export type PrinterFirmwareRestartResult = "ok"
/**
 * The description of each.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterGcodeHelpResult".
 */
export type PrinterGcodeHelpResult = ({
[k: string]: unknown
} | string)
/**
 * Done.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterGcodeScriptResult".
 */
export type PrinterGcodeScriptResult = "ok"
/**
 * Done.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterPrintCancelResult".
 */
export type PrinterPrintCancelResult = "ok"
/**
 * Done.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterPrintPauseResult".
 */
export type PrinterPrintPauseResult = "ok"
/**
 * Done.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterPrintResumeResult".
 */
export type PrinterPrintResumeResult = "ok"
/**
 * Done.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterPrintStartResult".
 */
export type PrinterPrintStartResult = "ok"
/**
 * open or TRIGGERED, by axis.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterQueryEndstopsStatusResult".
 */
export type PrinterQueryEndstopsStatusResult = ({
[k: string]: unknown
} | string)
/**
 * Done.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterRestartResult".
 */
export type PrinterRestartResult = "ok"
/**
 * Whatever the agent answers.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerExtensionsRequestResult".
 */
export type ServerExtensionsRequestResult = (string | number | boolean | {
[k: string]: unknown
} | unknown[] | null)
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerFilesListResult".
 */
export type ServerFilesListResult = {
/**
 * In the root.
 */
path: string
/**
 * Seconds since the epoch.
 */
modified: number
/**
 * Bytes.
 */
size: number
/**
 * rw, r, or empty where nobody may look.
 */
permissions: string
}[]
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerFilesRootsResult".
 */
export type ServerFilesRootsResult = {
name: string
path: string
permissions: string
}[]
/**
 * Done.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerRestartResult".
 */
export type ServerRestartResult = "ok"
/**
 * @minItems 1
 * @maxItems 1
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "NotifyGcodeResponseParams".
 */
export type NotifyGcodeResponseParams = [string]
/**
 * @minItems 0
 * @maxItems 0
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "NotifyKlippyDisconnectedParams".
 */
export type NotifyKlippyDisconnectedParams = []
/**
 * @minItems 0
 * @maxItems 0
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "NotifyKlippyReadyParams".
 */
export type NotifyKlippyReadyParams = []
/**
 * @minItems 0
 * @maxItems 0
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "NotifyKlippyShutdownParams".
 */
export type NotifyKlippyShutdownParams = []
/**
 * @minItems 2
 * @maxItems 2
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "NotifyStatusUpdateParams".
 */
export type NotifyStatusUpdateParams = [{
[k: string]: {
[k: string]: unknown
}
}, number]

/**
 * News of the software that is installed.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "Announcement".
 */
export interface Announcement {
entry_id: string
url: (string | null)
title: (string | null)
description: (string | null)
priority: (string | null)
/**
 * Seconds since the epoch, as all times here.
 */
date: number
dismissed: boolean
date_dismissed: (number | null)
/**
 * When it shows again.
 */
dismiss_wake: (number | null)
source: string
feed: string
}
/**
 * What would happen to one application. What cannot be known is left out, and `warnings` says why.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ApplicationPlan".
 */
export interface ApplicationPlan {
/**
 * The application.
 */
name: string
/**
 * Its updater's type.
 */
type: string
/**
 * What would be done.
 */
goal: ("upgrade" | "rollback" | "recover")
/**
 * False when there is nothing to do.
 */
needed: boolean
/**
 * What is installed.
 */
from: {
/**
 * As the status shows it.
 */
version: string
/**
 * What names it exactly: a commit, a tag.
 */
id: string
}
/**
 * What would be installed.
 */
to: {
/**
 * As the status shows it.
 */
version: string
/**
 * What names it exactly: a commit, a tag.
 */
id: string
}
/**
 * True when an upgrade would go to an older version.
 */
downgrade: boolean
/**
 * The newest commits that would come.
 */
commits?: Commit[]
/**
 * How many commits would come.
 */
commits_count?: number
/**
 * Of the release that would come.
 */
release_notes?: string
/**
 * Bytes still to be downloaded.
 */
download_bytes?: number
/**
 * How many files would change.
 */
files?: number
/**
 * Bytes that are needed on the disk meanwhile.
 */
disk_bytes?: number
/**
 * Packages of the operating system.
 */
packages: {
/**
 * New ones.
 */
install: PackageChange[]
/**
 * Those that change.
 */
upgrade: PackageChange[]
/**
 * Those that would be removed.
 */
remove: PackageChange[]
}
/**
 * Python dependencies that change.
 */
python?: PackageChange[]
/**
 * Node dependencies that change.
 */
node?: PackageChange[]
/**
 * Services that would be restarted.
 */
services: string[]
/**
 * Edited files, relative to the application's folder, whose edits would be carried over or kept.
 */
edits: string[]
/**
 * False when a failure, or a person, cannot take it back.
 */
reversible: boolean
/**
 * What people should know before.
 */
warnings: string[]
}
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
 * A package of the operating system or of a language.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PackageChange".
 */
export interface PackageChange {
/**
 * Its name.
 */
name: string
/**
 * The installed version; null when it is new.
 */
from: (string | null)
/**
 * The version afterwards; null when it goes.
 */
to: (string | null)
/**
 * Where it comes from.
 */
origin?: string
}
/**
 * An update image that was made on this machine, and is not signed yet.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "BuiltImage".
 */
export interface BuiltImage {
/**
 * What people call the image.
 */
version: string
/**
 * Bytes.
 */
size: number
/**
 * SHA-256 of the whole file, hexadecimal.
 */
checksum: string
/**
 * Where it lies on this machine until the next one is made. GET /machine/update/images/built brings it.
 */
file: string
/**
 * What it updates.
 */
applications: {
name: string
version: string
}[]
}
/**
 * What an operation does about what an application depends on.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "DependencyWork".
 */
export interface DependencyWork {
/**
 * False when it is known only while the operation runs whether anything changed: the rest is what may be done then.
 */
known: boolean
/**
 * Packages of the operating system that must be there.
 */
packages: string[]
/**
 * Those that are not installed; none where packages are not managed.
 */
missing: string[]
/**
 * What happens to the virtualenv.
 */
python: (FolderChange | null)
/**
 * What happens to node_modules.
 */
node: (FolderChange | null)
}
/**
 * A folder of dependencies (a virtualenv, node_modules) that an operation changes.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "FolderChange".
 */
export interface FolderChange {
/**
 * Installed into, made anew, exchanged for one that was kept, or copied from the installed version.
 */
how: ("install" | "remake" | "exchange" | "copy")
/**
 * Absolute, symlinks followed.
 */
folder: string
/**
 * Where the one that is left is kept.
 */
kept: string
/**
 * Of the folder as it was found; 0 when there was none.
 */
inode: number
/**
 * Where the one lies that comes back, or is copied.
 */
from: (string | null)
}
/**
 * Something that is wrong with the machine.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "DoctorFinding".
 */
export interface DoctorFinding {
/**
 * For programs; it never changes. docs/doctor.md has them all.
 */
code: ("under_voltage" | "under_voltage_before" | "read_only_file_system" | "disk_full" | "clock_wrong" | "dns_failed" | "forge_unreachable" | "forge_rate_limited" | "forge_token_refused" | "apt_source_gone" | "apt_source_unreachable" | "packages_half_configured" | "polkit_missing" | "polkit_denied" | "git_lock_stale" | "environment_broken" | "server_not_running" | "configuration_unusable")
/**
 * What found it.
 */
check: string
/**
 * A folder, packages, an address, what is not allowed; empty when it is the whole machine.
 */
about: string
/**
 * What is wrong, and why.
 */
cause: string
/**
 * What to do: commands as they are typed, where there are some.
 */
repair: string
/**
 * True when `fix` does it.
 */
fixable: boolean
/**
 * Whether it was repaired; null when that was not tried.
 */
fixed: (boolean | null)
/**
 * Why it could not be repaired.
 */
error: (string | null)
}
/**
 * What is wrong with the machine.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "DoctorReport".
 */
export interface DoctorReport {
/**
 * True when nothing was found, or all of it was repaired.
 */
healthy: boolean
/**
 * What is the cause of others comes first.
 */
findings: DoctorFinding[]
/**
 * Everything that was looked at.
 * 
 * Items: One thing that was looked at.
 */
checks: {
/**
 * power_supply, file_systems, disk_space, clock, dns, forge, apt_sources, packages, polkit, git_locks or environments.
 */
name: string
/**
 * good; trouble: it stands in the findings; unknown: it could not be told, which is no fault.
 */
state: ("good" | "trouble" | "unknown")
/**
 * Why it could not be told.
 */
text: string
}[]
}
/**
 * What was changed in the files of a root.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "FileChange".
 */
export interface FileChange {
action: ("create_file" | "create_dir" | "delete_file" | "delete_dir" | "move_file" | "move_dir" | "modify_file" | "root_update")
item: FileItem
/**
 * Where it was moved from.
 */
source_item?: {
path: string
root: string
}
}
/**
 * A file or folder of a root; of what is gone, nothing but its name.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "FileItem".
 */
export interface FileItem {
/**
 * Seconds since the epoch.
 */
modified: number
/**
 * Bytes.
 */
size: number
/**
 * rw, r, or empty where nobody may look.
 */
permissions: string
/**
 * In its root.
 */
path: string
root: string
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
/**
 * The version that machine.update.pin pinned it to; absent when it is not.
 */
pinned_version?: string
}
/**
 * Who did what to which version with what outcome: one line of the history. Versions of Moonkeeper may add to it.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "HistoryEntry".
 */
export interface HistoryEntry {
/**
 * Its number in the history: 1, 2, ...
 */
n: number
/**
 * SHA-256 of the line before it, byte by byte without the line feed, in hex; 64 zeros for the first.
 */
previous: string
/**
 * Unix milliseconds of the end.
 */
at: number
/**
 * The job's id, as the log has it.
 */
job: string
application: string
/**
 * The updater's type: git_repo, ...
 */
type: string
/**
 * What was asked for.
 */
goal: ("upgrade" | "rollback" | "recover")
/**
 * The version before.
 */
from: string
/**
 * The version it was to become; null when that was not known.
 */
to: (string | null)
/**
 * done: `to` runs. failed, cancelled: `from` runs. needs_person: neither is certain.
 */
outcome: ("done" | "failed" | "needs_person" | "cancelled")
/**
 * The kind of error, for programs; null when there was none.
 */
code: (string | null)
/**
 * What went wrong, for people, at most 4000 characters; null when nothing did.
 */
message: (string | null)
/**
 * Who asked for it, as the door knew them.
 */
asked_by: string
/**
 * The version of the update image that it came from; absent: from where the application comes from.
 */
image?: string
[k: string]: unknown
}
/**
 * An update image on this machine.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "Image".
 */
export interface Image {
/**
 * Never given twice.
 */
id: number
/**
 * UPLOADING: it comes, or the rest of it is waited for. VALIDATING: it is looked at. VALID: it can be used. INVALID: it was refused. UPLOAD_ERROR: it did not come whole. Of the last two nothing is kept but this note.
 */
state: ("UPLOADING" | "VALIDATING" | "VALID" | "INVALID" | "UPLOAD_ERROR")
/**
 * For people: what goes on, or why it was refused.
 */
state_description: string
/**
 * The stable code of what went wrong; null when nothing did.
 */
error: (string | null)
/**
 * Of the upload and of the look: 0 to 1.
 */
progress: number
/**
 * Bytes that came. An upload that was cut and can be resumed goes on there.
 */
received: number
/**
 * Bytes; null when it is not known.
 */
size: (number | null)
/**
 * SHA-256 of the whole file, hexadecimal; null as long as it did not come whole.
 */
checksum: (string | null)
/**
 * As its manifest says; null when it has none that counts.
 */
version: (string | null)
/**
 * The id of the key that signed it; null when none was asked for.
 */
signed_by: (string | null)
/**
 * What it updates; empty when it is not valid.
 */
applications: {
name: string
version: string
}[]
/**
 * When it began to come; Unix seconds.
 */
created_at: number
}
/**
 * An operation, from its request to its end.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "Job".
 */
export interface Job {
/**
 * Unique for ever.
 */
id: string
/**
 * What is done.
 */
goal: ("upgrade" | "rollback" | "recover")
/**
 * In their order; empty until a request for all of them has its turn.
 * 
 * Items: One application's part.
 */
applications: {
/**
 * The application.
 */
name: string
/**
 * Its version before; null as long as nothing was looked at.
 */
from: (string | null)
/**
 * The version that it is to have.
 */
to: (string | null)
/**
 * null: not over yet.
 */
outcome: ("done" | "failed" | "needs_person" | "cancelled" | "not_needed" | null)
}[]
/**
 * True when all parts are done, or none.
 */
atomic: boolean
/**
 * Where it ends.
 */
until: ("prepared" | "applied")
/**
 * What it waits for.
 */
when: ("now" | "idle" | "window")
/**
 * queued: waits. preparing: looks and downloads. prepared: can be started. running: changes. done. failed: the old version runs. needs_person: nobody else can go on. cancelled: nothing was changed, or all was undone.
 */
state: ("queued" | "preparing" | "prepared" | "running" | "done" | "failed" | "needs_person" | "cancelled")
/**
 * What goes on, or what is waited for.
 */
stage: string
/**
 * Of the whole.
 */
progress: number
/**
 * Of what was prepared or accepted; null when no hash was asked for.
 */
plan_hash: (string | null)
error: ({
/**
 * See docs/errors.md.
 */
code: string
/**
 * For people.
 */
message: string
} | null)
/**
 * Who asked, and through which door.
 */
asked_by: string
/**
 * Unix seconds.
 */
created_at: number
/**
 * Unix seconds of the end of the countdown; null when none runs.
 */
starts_at: (number | null)
/**
 * Unix seconds; null before.
 */
started_at: (number | null)
/**
 * Unix seconds; null before.
 */
ended_at: (number | null)
/**
 * When it last entered each of these states; Unix seconds. Absent where an older Moonkeeper has written it down.
 */
entered?: {
queued?: number
preparing?: number
prepared?: number
running?: number
}
/**
 * When somebody said that they know how it ended; Unix seconds. Absent when nobody did.
 */
dismissed_at?: number
/**
 * The number of its last line; 0 when there is none.
 */
last_seq: number
/**
 * Lines; only where they were asked for.
 */
log?: LogLine[]
/**
 * The update image that it comes from; absent: from where the applications come from.
 */
image?: {
/**
 * Of the image.
 */
id: number
/**
 * What people call the image.
 */
version: string
}
}
/**
 * A line of a job.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "LogLine".
 */
export interface LogLine {
/**
 * 1 for a job's first line.
 */
seq: number
/**
 * Unix seconds.
 */
time: number
/**
 * For people.
 */
text: string
}
/**
 * A folder of dependencies that is kept with a version that was left.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "KeptFolder".
 */
export interface KeptFolder {
/**
 * Its place when it is in use, absolute.
 */
folder: string
/**
 * Where it lies, absolute.
 */
at: string
}
/**
 * A release as it is kept.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "KnownRelease".
 */
export interface KnownRelease {
/**
 * What it is looked up by.
 */
tag: string
/**
 * What people are shown.
 */
version: string
prerelease: boolean
/**
 * Unix milliseconds.
 */
published: (number | null)
/**
 * What its authors say of it. Absent where an older Moonkeeper has written it down.
 */
notes?: string
/**
 * owner/name.
 */
repo: string
asset: ({
name: string
url: string
/**
 * Bytes.
 */
size: (number | null)
/**
 * Hexadecimal, as published.
 */
sha256: (string | null)
/**
 * Where its minisign signature lies.
 */
signature: (string | null)
} | null)
/**
 * The names of all there are.
 */
assets: string[]
}
/**
 * What a task would do to the machine's packages.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PackagePlan".
 */
export interface PackagePlan {
/**
 * New ones.
 */
install: PackageChange[]
/**
 * Those that change.
 */
upgrade: PackageChange[]
/**
 * Those that go.
 */
remove: PackageChange[]
/**
 * Newer ones that stay as they are.
 */
kept: string[]
/**
 * Names that no source knows.
 */
unknown: string[]
/**
 * Bytes still to be downloaded; null when that is not known.
 */
downloadBytes: (number | null)
/**
 * Bytes used more afterwards, negative when fewer; null when that is not known.
 */
diskBytes: (number | null)
}
/**
 * What would happen. Nothing was changed to find out.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "Plan".
 */
export interface Plan {
/**
 * What would be done.
 */
goal: ("upgrade" | "rollback" | "recover")
/**
 * In the order in which they would be done.
 */
applications: ApplicationPlan[]
/**
 * False when one of them is not.
 */
reversible: boolean
/**
 * Why it is refused unless the hash is named; empty when it is not.
 */
needs_plan_hash: string[]
/**
 * What people should know of the machine: power, clock, space.
 */
warnings: string[]
/**
 * Names what is shown here: versions, packages, services, removals and edits. An upgrade, rollback or recovery that is given it is refused when that is not what would be done any more.
 */
hash: string
}
/**
 * What Moonkeeper itself uses.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ProcessStatistics".
 */
export interface ProcessStatistics {
/**
 * Unix seconds.
 */
time: number
/**
 * Percent of one core since the entry before.
 */
cpu_usage: number
/**
 * What it occupies, in mem_units.
 */
memory: (number | null)
mem_units: (string | null)
}
/**
 * An application that is a Python package in a virtualenv.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PythonStatus".
 */
export interface PythonStatus {
/**
 * The update channel in use.
 */
channel: ("stable" | "beta" | "dev")
/**
 * True when the daemon was started with -g.
 */
debug_enabled: boolean
/**
 * True when the configured channel is not one of this type; never for python.
 */
channel_invalid: boolean
/**
 * True when it can be updated.
 */
is_valid: boolean
/**
 * The updater's type.
 */
configured_type: "python"
/**
 * Tags from the configuration, each key=value.
 */
info_tags: string[]
/**
 * Always python_package; front ends go by it.
 */
detected_type: "python_package"
/**
 * The application.
 */
name: string
/**
 * primary_branch of the configuration.
 */
branch: (string | null)
/**
 * Owner of the project's repository, ? when unknown.
 */
owner: string
/**
 * Name of the project's repository, ? when unknown.
 */
repo_name: string
/**
 * The installed version in short, ? when unknown.
 */
version: string
/**
 * The version that an upgrade would bring in short, ? when unknown.
 */
remote_version: string
/**
 * The version that a rollback would bring back in short, ? when there is none.
 */
rollback_version: string
/**
 * The commit that the installed version was made of; not-specified when it does not tell, ? when nothing is known.
 */
current_hash: string
/**
 * The commit that an upgrade would bring; update-available when it has no name; ? when nothing is known.
 */
remote_hash: string
/**
 * True when the installed version was built of edited files.
 */
is_dirty: boolean
/**
 * Where the project tells what changed; empty when it does not say.
 */
changelog_url: string
/**
 * The installed version as it is written, ? when unknown.
 */
full_version_string: string
/**
 * The opposite of is_dirty.
 */
pristine: boolean
/**
 * What forbids an update, and what people should know.
 */
warnings: string[]
/**
 * What is unusual and forbids nothing.
 */
anomalies: string[]
/**
 * The version that machine.update.pin pinned it to; absent when it is not.
 */
pinned_version?: string
}
/**
 * An application that comes as a release.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ReleaseStatus".
 */
export interface ReleaseStatus {
/**
 * The update channel in use.
 */
channel: ("stable" | "beta")
/**
 * True when the daemon was started with -g.
 */
debug_enabled: boolean
/**
 * True when the configured channel is not one of this type.
 */
channel_invalid: boolean
/**
 * True when it can be updated.
 */
is_valid: boolean
/**
 * The updater's type.
 */
configured_type: ("web" | "zip" | "executable")
/**
 * Tags from the configuration, each key=value.
 */
info_tags: string[]
/**
 * The application.
 */
name: string
/**
 * The project's name.
 */
repo_name: string
/**
 * The project's owner.
 */
owner: string
/**
 * The installed version, ? when unknown.
 */
version: string
/**
 * The version that an upgrade would bring, ? when unknown.
 */
remote_version: string
/**
 * The version that a rollback would bring back, ? when there is none.
 */
rollback_version: string
/**
 * Why the forge could not be asked last; empty when it could.
 */
last_error: string
/**
 * What forbids an update, and what people should know.
 */
warnings: string[]
/**
 * What is unusual and forbids nothing.
 */
anomalies: string[]
/**
 * The version that machine.update.pin pinned it to; absent when it is not.
 */
pinned_version?: string
}
/**
 * A serial port.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "SerialDevice".
 */
export interface SerialDevice {
device_type: ("hardware_uart" | "usb" | "unknown")
device_path: string
device_name: string
driver_name: string
/**
 * Its link in /dev/serial/by-path.
 */
path_by_hardware: (string | null)
/**
 * Its link in /dev/serial/by-id: what belongs into printer.cfg.
 */
path_by_id: (string | null)
/**
 * `bus:device`.
 */
usb_location: (string | null)
}
/**
 * Packages that were downloaded, verified and built beside a virtualenv; the note lies beside them.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "StagedPackages".
 */
export interface StagedPackages {
/**
 * The version that was asked for.
 */
id: string
/**
 * The version of the project, as it calls itself.
 */
version: string
/**
 * The commit that it was built of; null when it came from an index.
 */
commit: (string | null)
/**
 * The version of pip that comes first; null when the installed one stays.
 */
pip: (string | null)
/**
 * All that is installed, dependencies included.
 * 
 * Items: A package in one version.
 */
packages: {
name: string
version: string
}[]
/**
 * Names what was installed when it was found out: with other packages there it may be another list.
 */
installed: string
}
/**
 * Whether sudo wants a password.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "SudoAlert".
 */
export interface SudoAlert {
/**
 * True while something waits for a password.
 */
sudo_requested: boolean
/**
 * What for.
 */
request_messages: string[]
}
/**
 * What the machine uses.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "SystemStatistics".
 */
export interface SystemStatistics {
/**
 * Degrees Celsius; null where no sensor tells.
 */
cpu_temp: (number | null)
/**
 * By interface.
 */
network: {
[k: string]: {
/**
 * Received since it came up.
 */
rx_bytes: number
/**
 * Sent since it came up.
 */
tx_bytes: number
rx_packets: number
tx_packets: number
rx_errs: number
tx_errs: number
rx_drop: number
tx_drop: number
/**
 * Bytes in a second, both ways, since the last look.
 */
bandwidth: number
}
}
/**
 * Percent since the last look: `cpu` all together, `cpu0` and so on each. Empty at the first look.
 */
system_cpu_usage: {
[k: string]: number
}
/**
 * Empty where the kernel does not tell.
 */
system_memory: {
/**
 * kB.
 */
total?: number
/**
 * kB.
 */
available?: number
/**
 * kB.
 */
used?: number
}
}
/**
 * The packages of the operating system.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "SystemStatus".
 */
export interface SystemStatus {
/**
 * The application: system.
 */
name: string
/**
 * The updater's type.
 */
configured_type: "system"
/**
 * How many packages an upgrade would change.
 */
package_count: number
/**
 * Their names.
 */
package_list: string[]
/**
 * What installs them: PackageKit or apt; none when there is neither.
 */
provider: ("PackageKit" | "apt" | "none")
/**
 * How far behind it is, in words; ? when unknown.
 */
version: string
/**
 * How far behind it would be after an upgrade, in words; ? when unknown.
 */
remote_version: string
/**
 * Newer packages that an upgrade would leave as they are.
 */
held_back: string[]
/**
 * True when it can be upgraded.
 */
is_valid: boolean
/**
 * Why the sources could not be asked last; empty when they could.
 */
last_error: string
/**
 * What people should know.
 */
warnings: string[]
}
/**
 * Whether a Raspberry Pi slows itself down.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ThrottledState".
 */
export interface ThrottledState {
/**
 * The Raspberry Pi firmware's flags.
 */
bits: number
/**
 * The same, for people.
 */
flags: string[]
}
/**
 * A service as it is now.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "UnitState".
 */
export interface UnitState {
/**
 * systemd's ActiveState: active, inactive, activating, deactivating, failed, ...
 */
active_state: string
/**
 * systemd's SubState: running, dead, exited, auto-restart, ...
 */
sub_state: string
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
[k: string]: GitRepoStatus | PythonStatus | ReleaseStatus | SystemStatus
}
/**
 * True while an operation runs.
 */
busy: boolean
}
/**
 * A device on the USB.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "UsbDevice".
 */
export interface UsbDevice {
device_num: number
bus_num: number
/**
 * Four hexadecimal digits.
 */
vendor_id: string
/**
 * Four hexadecimal digits.
 */
product_id: string
/**
 * `bus:device`.
 */
usb_location: string
manufacturer: (string | null)
product: (string | null)
serial: (string | null)
class: (string | null)
subclass: (string | null)
protocol: (string | null)
/**
 * Vendor and product as usb.ids names them.
 */
description: (string | null)
}
/**
 * Versions of an application.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "Versions".
 */
export interface Versions {
/**
 * Newest first.
 * 
 * Items: A version.
 */
versions: {
/**
 * For people, and for the argument `version`.
 */
version: string
/**
 * What names it exactly.
 */
id: string
/**
 * Unix seconds.
 */
date: (number | null)
/**
 * The release's title, or the commit's subject.
 */
title: string
/**
 * True for the installed one.
 */
current: boolean
/**
 * True when a rollback to it needs no network.
 */
kept: boolean
}[]
/**
 * How many there are.
 */
total: number
/**
 * The id of the installed one.
 */
current: (string | null)
/**
 * The id of the version that the application is pinned to.
 */
pinned: (string | null)
}
/**
 * A camera.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "Webcam".
 */
export interface Webcam {
name: string
enabled: boolean
icon: string
aspect_ratio: string
target_fps: number
target_fps_idle: number
location: string
service: string
stream_url: string
snapshot_url: string
flip_horizontal: boolean
flip_vertical: boolean
/**
 * Degrees: 0, 90, 180 or 270.
 */
rotation: number
source: ("config" | "database")
/**
 * What front ends keep with it.
 */
extra_data: (string | number | boolean | {
[k: string]: unknown
} | unknown[] | null)
uid: string
}
/**
 * Users and the API key. Only the daemon's user may read the file.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "AccessRecord".
 */
export interface AccessRecord {
version: 1
api_key: string
/**
 * Unix time in seconds.
 */
api_key_created_on: number
users: {
username: string
/**
 * Unix time in seconds.
 */
created_on: number
password: {
/**
 * base64
 */
salt: string
/**
 * base64: scrypt's output
 */
hash: string
cost: number
block_size: number
parallel: number
}
/**
 * null while they are logged out.
 */
signing_key: ({
/**
 * `kid` of the tokens.
 */
id: string
/**
 * Ed25519, base64url: the private key.
 */
d: string
/**
 * Ed25519, base64url: the public key.
 */
x: string
} | null)
}[]
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
/**
 * Why the last update was undone by the health gate; null when it was not, and after the next one that holds.
 */
healthFailure?: (string | null)
/**
 * Unattended updates that failed in a row.
 */
failures?: number
/**
 * The version that an upgrade would bring, and since when (unix milliseconds) it is known.
 */
offered?: {
id: string
since: number
}
/**
 * Unix milliseconds since when it is managed.
 */
firstSeen?: number
/**
 * Which releases are installed unattended, as the API set it; what the configuration says wins.
 */
autoUpdate?: ("none" | "minor" | "all")
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
 * What is to be done about what it depends on; null: nothing.
 */
dependencies: (DependencyWork | null)
/**
 * True when the index is damaged and must be built again.
 */
rebuildIndex: boolean
/**
 * What the branch that is gone to named before.
 */
toBranchWas: (string | null)
/**
 * As git describe tells it, ? when unknown.
 */
fromVersion: string
/**
 * As git describe tells it, ? when unknown.
 */
toVersion: string
/**
 * True when an upgrade goes to a version that does not follow from the installed one.
 */
backwards: boolean
} | null)
/**
 * Why the remote could not be asked last, for people; kept until it is asked again.
 */
remoteFailure: (string | null)
pin: ({
commit: string
/**
 * As git describe tells it.
 */
version: string
} | null)
/**
 * Newest first.
 * 
 * Items: A version that was left, and can be had again without the network. Folders of dependencies that it had are named where they are not the ones in use.
 */
kept: {
commit: string
/**
 * null: HEAD was detached.
 */
branch: (string | null)
/**
 * As git describe tells it.
 */
version: string
virtualenv?: KeptFolder
modules?: KeptFolder
}[]
/**
 * Why nothing in the virtualenv can be started; null when it can, or there is none.
 */
virtualenvProblem: (string | null)
}
/**
 * How the history ends: what is missing from its end is seen by that.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "HistoryTail".
 */
export interface HistoryTail {
/**
 * Number of the last line; 0 when there is none.
 */
count: number
/**
 * SHA-256 of the last line, byte by byte without the line feed, in hex. 64 zeros when there is none, or when this file was lost and the history goes on from here.
 */
hash: string
}
/**
 * The images that there are, and the next id.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ImageIndex".
 */
export interface ImageIndex {
next: number
images: Image[]
}
/**
 * What an update image carries: manifest.json in it. It names the digest of everything else, so that its signature is one of the whole image.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ImageManifest".
 */
export interface ImageManifest {
format: 1
/**
 * What people call the image.
 */
version: string
/**
 * Unix seconds.
 */
created: number
/**
 * What it updates, in their order.
 * 
 * @maxItems 100
 */
applications: {
/**
 * As in the configuration.
 */
name: string
type: ("git_repo" | "web" | "zip" | "executable" | "python")
/**
 * What people are shown.
 */
version: string
/**
 * What it is looked up by: a commit, a tag, a version.
 */
id: string
/**
 * Where it was taken from: owner/name, the address of a repository, or the name of a package.
 */
source: string
/**
 * As Node calls it (x64, arm64, arm); null: for all.
 */
architecture: (string | null)
/**
 * The paths of its files.
 * 
 * @maxItems 1000
 */
members: string[]
/**
 * Of a git_repo: the branch that the commit lies on.
 */
branch: (string | null)
release: (KnownRelease | null)
}[]
/**
 * Every file but the manifest and its signature.
 * 
 * @maxItems 10000
 */
members: {
path: string
/**
 * Bytes.
 */
size: number
sha256: string
}[]
}
/**
 * A job on the disk.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "JobRecord".
 */
export interface JobRecord {
job: Job
/**
 * Grows with every job: their order, whatever the clock says.
 */
number?: number
/**
 * How often Moonkeeper ended, not asked to, while it was prepared.
 */
interruptions?: number
/**
 * What was asked for.
 */
request: {
/**
 * null: all of them.
 */
names: (string[] | null)
/**
 * What to go to; null: what the updater would choose.
 */
version: (string | null)
/**
 * Of a recovery.
 */
hard: boolean
/**
 * Of a recovery.
 */
updateDependencies: boolean
/**
 * What it must be.
 */
planHash: (string | null)
/**
 * Of the client.
 */
idempotencyKey: (string | null)
/**
 * Of the request's parameters.
 */
fingerprint: string
/**
 * True when nobody waits for the answer.
 */
background: boolean
/**
 * What a start goes to.
 * 
 * Items: What was prepared.
 */
targets: {
/**
 * The application.
 */
name: string
/**
 * The version.
 */
id: string
}[]
/**
 * The update image that it comes from; absent: from where the applications come from.
 */
image?: number
}
}
/**
 * The operation that is under way. Written before each step.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "Journal".
 */
export interface Journal {
/**
 * Moonkeeper's version, for people.
 */
version: string
/**
 * What steps of the same name do and keep for their undo. Another number: nothing is guessed.
 */
format: number
/**
 * The job.
 */
id: string
/**
 * Applications in the order of their steps.
 * 
 * Items: What one application contributes.
 */
parts: {
application: string
type: string
/**
 * The updater's options as they were.
 */
options: {
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
}[]
/**
 * The step names of all parts, each with its application's name before it.
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
/**
 * The applications whose undo was given up; the others are as before.
 */
stuck?: string[]
/**
 * Why a cleanup is still to be done; only in what is kept for that.
 */
reason?: string
}
/**
 * What is known of an application that is a Python package.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PythonState".
 */
export interface PythonState {
/**
 * True when the install was looked at.
 */
looked: boolean
/**
 * True when it can be updated.
 */
valid: boolean
/**
 * Where it was installed from.
 */
source: ("index" | "github" | "unknown")
/**
 * The repository that it was installed from, or that it names; empty when unknown.
 */
url: string
owner: string
/**
 * The repository's name.
 */
project: string
/**
 * The installed one as it is written, ? when unknown.
 */
version: string
/**
 * The commit of the installed one; not-specified and ? as in the status.
 */
commit: string
/**
 * True when it was built of edited files.
 */
dirty: boolean
/**
 * Its address; empty when unknown.
 */
changelog: string
/**
 * Why the virtualenv cannot be used; null when it can.
 */
problem: (string | null)
/**
 * What forbids an update.
 */
warnings: string[]
/**
 * What was offered last.
 */
remote: {
/**
 * ? when unknown.
 */
version: string
/**
 * What names it exactly; empty when unknown.
 */
id: string
/**
 * As the status shows it.
 */
hash: string
/**
 * Unix milliseconds.
 */
published: (number | null)
}
/**
 * Why the remote could not be asked last; empty when it could.
 */
failure: string
rollback: ({
version: string
/**
 * What names it exactly.
 */
id: string
} | null)
/**
 * Newest first.
 * 
 * Items: A version that was left, with all of its virtualenv.
 */
kept: {
version: string
/**
 * What names it exactly.
 */
id: string
/**
 * Where it lies, absolute.
 */
folder: string
}[]
/**
 * Where an upgrade ends, as the API was told.
 */
pin: ({
/**
 * The version of PEP 440, or the tag that is one; for a commit what it is called.
 */
version: string
/**
 * What names it exactly: a version of an index, a tag, a commit.
 */
id: string
/**
 * The tag or commit in the repository; null for what comes from an index.
 */
ref: (string | null)
} | null)
target: ({
/**
 * install: by pip. exchange: a kept virtualenv comes back. remake: the virtualenv is made anew.
 */
action: ("install" | "exchange" | "remake")
/**
 * Where it goes.
 */
goal: {
/**
 * The version of PEP 440, or the tag that is one; for a commit what it is called.
 */
version: string
/**
 * What names it exactly: a version of an index, a tag, a commit.
 */
id: string
/**
 * The tag or commit in the repository; null for what comes from an index.
 */
ref: (string | null)
}
/**
 * The folder of the kept virtualenv that comes back.
 */
from: (string | null)
/**
 * The virtualenv, symlinks followed.
 */
folder: string
/**
 * Of the virtualenv as it is; null when there is none.
 */
inode: (number | null)
/**
 * Where the virtualenv that is left is kept.
 */
kept: string
/**
 * What is installed again, as lines of a requirements file.
 */
again: string[]
/**
 * What was prepared; null when pip gets it while it installs.
 */
staged: (StagedPackages | null)
} | null)
}
/**
 * What is known of an application that comes as a release.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ReleaseState".
 */
export interface ReleaseState {
/**
 * True when the install was looked at.
 */
looked: boolean
/**
 * True when it can be updated.
 */
valid: boolean
/**
 * The installed one, ? when unknown.
 */
version: string
/**
 * The release that the installed version is; null when it is not known.
 */
tag: (string | null)
/**
 * Of the project, as the install says.
 */
owner: string
/**
 * The project's name, as the install says.
 */
project: string
/**
 * The asset that the install names; null: the only one, or the first.
 */
assetName: (string | null)
/**
 * What forbids an update.
 */
warnings: string[]
/**
 * What is unusual and forbids nothing.
 */
anomalies: string[]
/**
 * What the forge offers.
 */
remote: (KnownRelease | null)
/**
 * Why the forge could not be asked last; empty when it could.
 */
lastError: string
rollback: ({
/**
 * As it was shown.
 */
version: string
/**
 * null when it is not known.
 */
tag: (string | null)
/**
 * owner/name.
 */
repo: string
} | null)
/**
 * Newest first.
 * 
 * Items: A version that was left. The virtualenv that it had is named where it is not the one in use.
 */
kept: {
/**
 * As it was shown.
 */
version: string
/**
 * null when it is not known.
 */
tag: (string | null)
/**
 * owner/name.
 */
repo: string
/**
 * Where it lies, absolute.
 */
folder: string
virtualenv?: KeptFolder
}[]
pin: ({
/**
 * The release.
 */
tag: string
/**
 * As it is shown.
 */
version: string
} | null)
target: ({
/**
 * Where it goes.
 */
version: string
/**
 * null when it is not known.
 */
tag: (string | null)
/**
 * owner/name.
 */
repo: string
/**
 * To be downloaded; null when it is here.
 */
release: (KnownRelease | null)
/**
 * The folder of a kept version; null for what is staged.
 */
from: (string | null)
/**
 * Of what is installed.
 */
inode: number
/**
 * Those of the persistent files that are there, relative to the folder.
 */
persistent: string[]
/**
 * Names the folder in which the old version is kept.
 */
stamp: string
/**
 * What is to be done about what it depends on; null: nothing, or not known before it is staged.
 */
dependencies: (DependencyWork | null)
} | null)
}
/**
 * What was downloaded, verified and unpacked beside an application; the note lies beside it.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "StagedRelease".
 */
export interface StagedRelease {
release: KnownRelease
/**
 * As what was unpacked says; null when it does not.
 */
version: (string | null)
/**
 * The signing keys that it was verified with.
 */
keys: string[]
/**
 * Of the folder.
 */
inode: number
}
/**
 * What is known of the packages of the operating system.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "SystemState".
 */
export interface SystemState {
/**
 * True when they were looked at.
 */
looked: boolean
/**
 * What installs them.
 */
provider: ("PackageKit" | "apt" | "none")
available: PackagePlan
/**
 * True when the plan leaves out what needs other packages to go.
 */
careful: boolean
/**
 * What the operation that is under way does; null when none is.
 */
planned: (PackagePlan | null)
/**
 * Packages that are half installed.
 */
unfinished: string[]
/**
 * What the last refresh complained about.
 */
warnings: string[]
/**
 * Why the sources could not be asked last; empty when they could.
 */
lastError: string
/**
 * Of what the package manager knew when it was looked at.
 */
stamp: string
}
/**
 * What lists take: GET /tasks, /browser/{id}.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "InstallatronPage".
 */
export interface InstallatronPage {
/**
 * Items to leave out.
 */
offset?: number
/**
 * Items at most.
 */
limit?: number
[k: string]: unknown
}
/**
 * POST /installs/{id}: how an application is updated. What has no meaning here can only be given as it is.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "InstallatronPolicy".
 */
export interface InstallatronPolicy {
/**
 * Must own the application.
 */
user?: (string | null)
/**
 * Which releases are installed unattended.
 */
autoup?: ("none" | "all" | "minor")
/**
 * none: no version is kept after an update. `generations` in the configuration decides it.
 */
autoup_backup?: ("none" | "all")
/**
 * Of all that extends it; custom: as each has it.
 */
autoup_plugins?: ("none" | "all" | "custom")
/**
 * Of all themes; custom: as each has it.
 */
autoup_themes?: ("none" | "all" | "custom")
/**
 * Which events become announcements.
 */
notification?: ("backup" | "backup_error" | "clone" | "clone_error" | "install" | "install_error" | "plugin_update" | "plugin_update_available" | "plugin_update_error" | "restore" | "restore_error" | "sync" | "sync_error" | "template" | "template_error" | "update" | "update_available" | "update_error")[]
/**
 * There is no backup at a time.
 */
autobk?: ("none" | "schedule" | "custom")
/**
 * Versions are kept on this machine.
 */
bkloc?: string
/**
 * English.
 */
language?: string
/**
 * `desc` of info_tags in the configuration decides it.
 */
title?: string
[k: string]: unknown
}
/**
 * POST /backups/{id}/restore: goes back to a version that was kept.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "InstallatronRestore".
 */
export interface InstallatronRestore {
/**
 * Must own the application.
 */
user?: (string | null)
/**
 * Answer when it has begun; GET /tasks tells what becomes of it.
 */
background?: boolean
/**
 * Only look whether it could be done.
 */
dryrun?: ("none" | "all" | "input")
[k: string]: unknown
}
/**
 * POST /installs/{id}/update and /upgrade: installs a version of an application, and of what extends it.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "InstallatronUpdate".
 */
export interface InstallatronUpdate {
/**
 * The version to install; current: only plugins and themes. The newest when it is not given.
 */
version?: (string | null)
/**
 * Changes nothing: a failure that is not committed is always undone.
 */
revert?: boolean
/**
 * Must own the application.
 */
user?: (string | null)
/**
 * Those to update; empty: all of them.
 */
plugins?: string[]
/**
 * As plugins; the documented examples spell it so.
 */
plugin?: string[]
/**
 * Those to update; empty: all of them.
 */
themes?: string[]
/**
 * As themes; the documented examples spell it so.
 */
theme?: string[]
/**
 * Answer when it has begun; GET /tasks tells what becomes of it.
 */
background?: boolean
/**
 * Only look whether it could be done: whether the arguments fit, or everything.
 */
dryrun?: ("none" | "all" | "input")
[k: string]: unknown
}
/**
 * POST images/fetch: fetches an image.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "SystemUpdateFetch".
 */
export interface SystemUpdateFetch {
/**
 * Where it lies; its host must be one of image_hosts.
 */
url: string
[k: string]: unknown
}
/**
 * POST update/init: prepares the newest valid image, or the one that is named.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "SystemUpdateInit".
 */
export interface SystemUpdateInit {
/**
 * Of an image.
 */
image_id?: number
[k: string]: unknown
}
/**
 * POST /api/v1/update/progress: whether an update runs.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "WncmsProgress".
 */
export interface WncmsProgress {
/**
 * The API key, or an access token; taken out of the body before anything else looks at it.
 */
api_token?: string
/**
 * An application, or core: any of them.
 */
itemId: string
[k: string]: unknown
}
/**
 * POST /api/v1/update: installs a version of an application.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "WncmsUpdate".
 */
export interface WncmsUpdate {
/**
 * The API key, or an access token; taken out of the body before anything else looks at it.
 */
api_token?: string
/**
 * The application's name, or owner/repository.
 */
package: string
/**
 * The version to install; the newest when it is not given.
 */
version?: (string | null)
[k: string]: unknown
}
/**
 * GET or POST /api/v1/updates: what was done, as a list.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "WncmsUpdates".
 */
export interface WncmsUpdates {
/**
 * The API key, or an access token; taken out of the body before anything else looks at it.
 */
api_token?: string
/**
 * Of the list; the first is 1.
 */
page?: number
/**
 * Items on a page.
 */
page_size?: number
/**
 * What the list is ordered by; sort is the order in which it was done.
 */
sort?: ("created_at" | "updated_at" | "title" | "sort")
/**
 * asc begins with the oldest or the lowest.
 */
direction?: ("asc" | "desc")
/**
 * Every word must stand in the title, the application, the versions, the outcome or the message.
 */
keywords?: (string | null)
/**
 * In an order of chance.
 */
is_random?: boolean
/**
 * Updater types or channels, as tag_type says; with any of them.
 */
tags?: (string | number)[]
/**
 * What the tags are.
 */
tag_type?: ("updater" | "channel")
/**
 * Ids that are left out.
 */
excluded_post_ids?: number[]
/**
 * Accepted; the text is English.
 */
locale?: (string | null)
[k: string]: unknown
}
/**
 * [announcements]: news of the software that is installed.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "AnnouncementsOptions".
 */
export interface AnnouncementsOptions {
/**
 * Feeds are fetched from the web.
 */
enable_moonlight: boolean
/**
 * Feeds are read from development/announcements in the data folder instead.
 */
dev_mode: boolean
/**
 * Feeds besides those of Moonraker and Klipper.
 */
subscriptions: string[]
}
/**
 * [authorization]: who may enter. Without the section only this machine may, and nothing else is listened to.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "AuthorizationOptions".
 */
export interface AuthorizationOptions {
/**
 * The API key opens.
 */
enable_api_key: boolean
/**
 * Days after which a login must be repeated with the password.
 */
login_timeout: number
/**
 * An address with so many wrong passwords in a row is refused until a restart; no limit when not given.
 */
max_login_attempts?: number
/**
 * Addresses, networks (CIDR) and host names that need no credentials.
 */
trusted_clients: string[]
/**
 * Origins of pages that may use the API from elsewhere; `*` stands for anything, but not in the top level domain.
 */
cors_domains: string[]
/**
 * Once there is a user, trusted clients must log in too.
 */
force_logins: boolean
/**
 * Where passwords are checked: `moonraker`. LDAP is not served.
 */
default_source: string
}
/**
 * [data_store]: what is kept of the printer, for charts and consoles.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "DataStoreOptions".
 */
export interface DataStoreOptions {
/**
 * Values of each temperature sensor, one a second.
 */
temperature_store_size: number
/**
 * Lines of Klipper's console.
 */
gcode_store_size: number
}
/**
 * [file_manager]: the files that clients may see and change.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "FileManagerOptions".
 */
export interface FileManagerOptions {
/**
 * Clients may write in the folder `config`.
 */
enable_config_write_access: boolean
/**
 * Moonraker's; without effect here.
 */
queue_gcode_uploads: boolean
/**
 * A Klipper whose configuration is not in the folder `config` is a warning.
 */
check_klipper_config_path: boolean
/**
 * Moonraker's; without effect here.
 */
enable_object_processing: boolean
/**
 * Moonraker's; without effect here.
 */
default_metadata_parser_timeout: number
/**
 * `inotify`, or `none`: changes that others make to the configuration are not told. Read at start.
 */
file_system_observer: string
/**
 * Moonraker's; without effect here.
 */
enable_observer_warnings: boolean
/**
 * Moonraker's; without effect here.
 */
enable_inotify_warnings: boolean
/**
 * Deprecated and without effect.
 */
config_path?: string
/**
 * Deprecated and without effect.
 */
log_path?: string
}
/**
 * [machine]: how services are reached.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineOptions".
 */
export interface MachineOptions {
/**
 * The password for sudo. Better kept in the secrets file: `{secrets.section.option}`.
 */
sudo_password?: string
/**
 * What starts and stops services.
 */
provider: ("systemd_dbus" | "systemd_cli" | "supervisord_cli" | "none")
/**
 * What a shutdown does.
 */
shutdown_action: ("halt" | "poweroff")
/**
 * Moonraker's; without effect here.
 */
force_validation: boolean
/**
 * Moonraker's; without effect here.
 */
validate_service: boolean
/**
 * Moonraker's; without effect here.
 */
validate_config: boolean
/**
 * supervisord's configuration file, for provider supervisord_cli.
 */
supervisord_config_path: string
}
/**
 * [moonkeeper NAME]: the same for one application of [update_manager NAME].
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MoonkeeperApplicationOptions".
 */
export interface MoonkeeperApplicationOptions {
/**
 * Must succeed after an update. Counts only in moonkeeper.conf, which the API cannot write. Split at white space; there is no shell.
 */
health_command?: string
/**
 * Must answer with success after an update. http or https.
 */
health_url?: string
/**
 * Seconds that services must stay up before an update counts.
 */
settle_time: number
/**
 * Which releases are installed unattended; from [moonkeeper] when not given.
 */
auto_update?: ("none" | "minor" | "all")
/**
 * Hours of the day, first-last, for auto_update and `when: "window"`; from [moonkeeper] when not given.
 */
update_window?: number[]
/**
 * Hours that a release must be old before it is taken unattended; from [moonkeeper] when not given.
 */
soak_time?: number
/**
 * Versions kept, the running one not counted; from [moonkeeper] when not given.
 */
generations?: number
/**
 * minisign public keys. With any, images and releases must be signed by one of them; from [moonkeeper] when not given.
 */
signing_keys?: string[]
/**
 * A GitHub-compatible forge or mirror; GitHub's when not given.
 */
api_url?: string
/**
 * The application that this one belongs to, as its plugin.
 */
extends?: string
/**
 * Listed among themes rather than plugins.
 */
theme: boolean
}
/**
 * [moonkeeper dialect wncms]: a switch for each of its endpoints.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MoonkeeperDialectOptions".
 */
export interface MoonkeeperDialectOptions {
/**
 * Refuse to start updates through this API.
 */
disable_core_update: boolean
/**
 * Serve the endpoint that starts an update.
 */
wncms_api_update: boolean
/**
 * Serve the progress of an update.
 */
wncms_api_update_progress: boolean
/**
 * Ask for a token before progress is told.
 */
wncms_api_update_progress_auth: boolean
/**
 * Serve the lists of updates.
 */
wncms_api_updates: boolean
}
/**
 * [moonkeeper]: what Moonraker does not have.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MoonkeeperOptions".
 */
export interface MoonkeeperOptions {
/**
 * Folder for the journal, jobs, history, generations and downloads.
 */
data: string
/**
 * Versions kept of each application, the running one not counted.
 */
generations: number
/**
 * MiB that stay free: an update that would leave less is refused; kept generations are dropped first, oldest first.
 */
min_free_space: number
/**
 * Seconds without progress after which a job is aborted and undone; a package transaction never is.
 */
lock_timeout: number
/**
 * Which releases are installed unattended.
 */
auto_update: ("none" | "minor" | "all")
/**
 * Hours of the day, first-last, for auto_update and `when: "window"`; any time when not given.
 */
update_window?: number[]
/**
 * Hours that a release must be old before it is taken unattended.
 */
soak_time: number
/**
 * Unattended updates of an application stop after so many failures in a row.
 */
max_failures: number
/**
 * Download while printing, at idle priority, and nothing else.
 */
prepare_while_printing: boolean
/**
 * minisign public keys. With any, images and releases must be signed by one of them.
 */
signing_keys: string[]
/**
 * Accept images while no key is named.
 */
allow_unsigned_images: boolean
/**
 * Hosts that images may be fetched from. None switches fetching off.
 */
image_hosts: string[]
/**
 * MiB; larger images are refused.
 */
max_image_size: number
/**
 * Other update APIs to serve: system_update, installatron, wncms.
 */
dialects: string[]
/**
 * Who may do what: lines `user or key = read, update or admin`. Without any, everyone who may enter may do everything.
 */
scopes: string[]
/**
 * Addresses or networks whose X-Forwarded-For counts.
 */
trusted_proxies: string[]
}
/**
 * [octoprint_compat]: programs that look for OctoPrint find one: `/api/version`, `/api/server` and `/api/login`.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "OctoprintCompatOptions".
 */
export interface OctoprintCompatOptions {
/**
 * Moonraker's; without effect here.
 */
enable_ufp: boolean
/**
 * Moonraker's; without effect here.
 */
flip_h: boolean
/**
 * Moonraker's; without effect here.
 */
flip_v: boolean
/**
 * Moonraker's; without effect here.
 */
rotate_90: boolean
/**
 * Moonraker's; without effect here.
 */
stream_url: string
/**
 * Moonraker's; without effect here.
 */
webcam_enabled: boolean
}
/**
 * [secrets]: credentials kept out of the configuration.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "SecretsOptions".
 */
export interface SecretsOptions {
/**
 * Deprecated: where the secrets file is when <data path>/moonraker.secrets does not exist.
 */
secrets_path?: string
}
/**
 * [server]: where the API is served.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerOptions".
 */
export interface ServerOptions {
/**
 * The address that is listened on; `all` for every IPv4 and IPv6 address.
 */
host: string
/**
 * TCP port for HTTP and WebSocket.
 */
port: number
/**
 * TCP port for HTTPS. Not served yet.
 */
ssl_port: number
/**
 * Deprecated and without effect; use -v on the command line.
 */
enable_debug_logging: boolean
/**
 * Klipper's API socket. `{data_path}` stands for the data folder.
 */
klippy_uds_address: string
/**
 * Largest request body, in MiB.
 */
max_upload_size: number
/**
 * Deprecated. Not served yet.
 */
ssl_certificate_path?: string
/**
 * Deprecated. Not served yet.
 */
ssl_key_path?: string
/**
 * Stands before the path of every HTTP endpoint.
 */
route_prefix?: string
/**
 * More WebSocket connections than this are refused.
 */
max_websocket_connections: number
}
/**
 * [update_manager NAME] with type executable: one program from a release.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "UpdateManagerExecutableOptions".
 */
export interface UpdateManagerExecutableOptions {
/**
 * The kind of application. Must be given.
 */
type: "executable"
/**
 * Hours between two looks for updates of this application; from [update_manager] when not given.
 */
refresh_interval?: number
/**
 * Which versions are offered.
 */
channel: ("stable" | "beta")
/**
 * Tell front ends about what is unusual but harmless.
 */
report_anomalies: boolean
/**
 * Lines for front ends, as `key=value`.
 */
info_tags: string[]
/**
 * The folder that holds the application, absolute or beginning with ~. Must be given.
 */
path: string
/**
 * A JSON file with system packages, relative to path.
 */
system_dependencies?: string
/**
 * Whether managed_services, when it is not given, names the application's own service.
 */
is_system_service: boolean
/**
 * Services that are restarted after an update: the application's own name, klipper or moonraker. When not given, the own name unless is_system_service is False.
 */
managed_services: string[]
/**
 * The project at the forge, as owner/name. Must be given.
 */
repo: string
}
/**
 * [update_manager NAME] with type git_repo: an application that is a git checkout.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "UpdateManagerGitRepoOptions".
 */
export interface UpdateManagerGitRepoOptions {
/**
 * The kind of application. Must be given.
 */
type: "git_repo"
/**
 * Hours between two looks for updates of this application; from [update_manager] when not given.
 */
refresh_interval?: number
/**
 * Which versions are offered.
 */
channel: ("stable" | "beta" | "dev")
/**
 * Tell front ends about what is unusual but harmless.
 */
report_anomalies: boolean
/**
 * Lines for front ends, as `key=value`.
 */
info_tags: string[]
/**
 * The folder that holds the application, absolute or beginning with ~. Must be given.
 */
path: string
/**
 * The folder of the Python virtualenv, absolute or relative to path.
 */
virtualenv?: string
/**
 * Deprecated: the virtualenv's python executable. Use virtualenv.
 */
env?: string
/**
 * Arguments for making the virtualenv.
 */
venv_args?: string
/**
 * Environment of pip, one `NAME=value` a line.
 */
pip_environment_variables?: {
[k: string]: unknown
}
/**
 * Run npm when package-lock.json changed.
 */
enable_node_updates: boolean
/**
 * Python's requirements file, relative to path; must be given with a virtualenv.
 */
requirements?: string
/**
 * A JSON file with system packages, relative to path.
 */
system_dependencies?: string
/**
 * Deprecated: an install script that names system packages. Use system_dependencies.
 */
install_script?: string
/**
 * Whether managed_services, when it is not given, names the application's own service.
 */
is_system_service: boolean
/**
 * Services that are restarted after an update: the application's own name, klipper or moonraker. When not given, the own name unless is_system_service is False.
 */
managed_services: string[]
/**
 * The URL that updates come from. Must be given.
 */
origin: string
/**
 * The URL that they came from before; a checkout of it is moved to origin.
 */
moved_origin?: string
/**
 * The branch that is released from.
 */
primary_branch: string
/**
 * A commit that updates do not go beyond: 8 to 64 hexadecimal digits, kept in lower case.
 */
pinned_commit?: string
}
/**
 * [update_manager]: updates as a whole.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "UpdateManagerOptions".
 */
export interface UpdateManagerOptions {
/**
 * The channel of Klipper and Moonraker.
 */
channel?: ("stable" | "beta" | "dev")
/**
 * Look for updates every refresh_interval, inside refresh_window.
 */
enable_auto_refresh: boolean
/**
 * Hours of the day, first-last, in which enable_auto_refresh looks. May go over midnight.
 */
refresh_window: number[]
/**
 * Deprecated and without effect; use -g on the command line.
 */
enable_repo_debug: boolean
/**
 * Hours between two looks for updates.
 */
refresh_interval: number
/**
 * Offer updates of the operating system's packages.
 */
enable_system_updates: boolean
/**
 * Use PackageKit for them, else apt.
 */
enable_packagekit: boolean
/**
 * No longer an option, in Moonraker neither: use a section [update_manager NAME].
 */
client_repo?: string
/**
 * No longer an option, in Moonraker neither: use a section [update_manager NAME].
 */
client_path?: string
}
/**
 * [update_manager klipper] and [update_manager moonraker]: what is to differ from what is found.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "UpdateManagerOverrideOptions".
 */
export interface UpdateManagerOverrideOptions {
/**
 * Which versions are offered; from [update_manager] when not given.
 */
channel?: ("stable" | "beta" | "dev")
/**
 * A commit that updates do not go beyond: 8 to 64 hexadecimal digits, kept in lower case.
 */
pinned_commit?: string
/**
 * Hours between two looks for updates of this application; from [update_manager] when not given.
 */
refresh_interval?: number
/**
 * Tell front ends about what is unusual but harmless. Yes when not given.
 */
report_anomalies?: boolean
/**
 * The checkout. When not given: what Klipper reports; for Moonraker ~/moonraker.
 */
path?: string
/**
 * The python executable that runs it, in its virtualenv.
 */
env?: string
}
/**
 * [update_manager NAME] with type python: a Python package in a virtualenv.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "UpdateManagerPythonOptions".
 */
export interface UpdateManagerPythonOptions {
/**
 * The kind of application. Must be given.
 */
type: "python"
/**
 * Hours between two looks for updates of this application; from [update_manager] when not given.
 */
refresh_interval?: number
/**
 * Which versions are offered.
 */
channel: ("stable" | "beta" | "dev")
/**
 * Tell front ends about what is unusual but harmless.
 */
report_anomalies: boolean
/**
 * Lines for front ends, as `key=value`.
 */
info_tags: string[]
/**
 * The folder of the virtualenv that holds the package. Must be given.
 */
virtualenv: string
/**
 * Deprecated: the virtualenv's python executable. Use virtualenv.
 */
env?: string
/**
 * Arguments for making the virtualenv.
 */
venv_args?: string
/**
 * Environment of pip, one `NAME=value` a line.
 */
pip_environment_variables?: {
[k: string]: unknown
}
/**
 * Whether managed_services, when it is not given, names the application's own service.
 */
is_system_service: boolean
/**
 * Services that are restarted after an update: the application's own name, klipper or moonraker. When not given, the own name unless is_system_service is False.
 */
managed_services: string[]
/**
 * The branch, for a package that was installed from git.
 */
primary_branch?: string
/**
 * The package, with extras in brackets if any; the section's name when not given.
 */
project_name?: string
}
/**
 * [update_manager NAME] with type web: a front end, from a zip file of a release.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "UpdateManagerWebOptions".
 */
export interface UpdateManagerWebOptions {
/**
 * The kind of application. Must be given.
 */
type: "web"
/**
 * Hours between two looks for updates of this application; from [update_manager] when not given.
 */
refresh_interval?: number
/**
 * Which versions are offered.
 */
channel: ("stable" | "beta")
/**
 * Tell front ends about what is unusual but harmless.
 */
report_anomalies: boolean
/**
 * Lines for front ends, as `key=value`.
 */
info_tags: string[]
/**
 * The folder that holds the application, absolute or beginning with ~. Must be given.
 */
path: string
/**
 * The project at the forge, as owner/name. Must be given.
 */
repo: string
/**
 * Files and folders, relative to path, that an update leaves alone.
 */
persistent_files?: string[]
}
/**
 * [update_manager NAME] with type zip: an application from a zip file of a release.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "UpdateManagerZipOptions".
 */
export interface UpdateManagerZipOptions {
/**
 * The kind of application. Must be given.
 */
type: "zip"
/**
 * Hours between two looks for updates of this application; from [update_manager] when not given.
 */
refresh_interval?: number
/**
 * Which versions are offered.
 */
channel: ("stable" | "beta")
/**
 * Tell front ends about what is unusual but harmless.
 */
report_anomalies: boolean
/**
 * Lines for front ends, as `key=value`.
 */
info_tags: string[]
/**
 * The folder that holds the application, absolute or beginning with ~. Must be given.
 */
path: string
/**
 * The folder of the Python virtualenv, absolute or relative to path.
 */
virtualenv?: string
/**
 * Deprecated: the virtualenv's python executable. Use virtualenv.
 */
env?: string
/**
 * Arguments for making the virtualenv.
 */
venv_args?: string
/**
 * Environment of pip, one `NAME=value` a line.
 */
pip_environment_variables?: {
[k: string]: unknown
}
/**
 * Run npm when package-lock.json changed.
 */
enable_node_updates: boolean
/**
 * Python's requirements file, relative to path; must be given with a virtualenv.
 */
requirements?: string
/**
 * A JSON file with system packages, relative to path.
 */
system_dependencies?: string
/**
 * Deprecated: an install script that names system packages. Use system_dependencies.
 */
install_script?: string
/**
 * Whether managed_services, when it is not given, names the application's own service.
 */
is_system_service: boolean
/**
 * Services that are restarted after an update: the application's own name, klipper or moonraker. When not given, the own name unless is_system_service is False.
 */
managed_services: string[]
/**
 * The project at the forge, as owner/name. Must be given.
 */
repo: string
/**
 * Files and folders, relative to path, that an update leaves alone.
 */
persistent_files?: string[]
}
/**
 * [webcam NAME]: a camera that front ends show.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "WebcamOptions".
 */
export interface WebcamOptions {
/**
 * Front ends show it.
 */
enabled: boolean
/**
 * A name of Material Design Icons.
 */
icon: string
/**
 * Width:height.
 */
aspect_ratio: string
/**
 * Pictures a second.
 */
target_fps: number
/**
 * Pictures a second while nobody looks.
 */
target_fps_idle: number
/**
 * Where it is.
 */
location: string
/**
 * What serves it.
 */
service: string
/**
 * Required. Of this machine when it has no host.
 */
stream_url?: string
/**
 * Of this machine when it has no host.
 */
snapshot_url: string
/**
 * Left and right are swapped.
 */
flip_horizontal: boolean
/**
 * Top and bottom are swapped.
 */
flip_vertical: boolean
/**
 * Degrees: 0, 90, 180 or 270.
 */
rotation: number
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "AccessDeleteUserParams".
 */
export interface AccessDeleteUserParams {
/**
 * The name they log in with.
 */
username: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "AccessDeleteUserResult".
 */
export interface AccessDeleteUserResult {
/**
 * The name they log in with.
 */
username: string
action: "user_deleted"
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "AccessGetApiKeyParams".
 */
export interface AccessGetApiKeyParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "AccessGetUserParams".
 */
export interface AccessGetUserParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "AccessGetUserResult".
 */
export interface AccessGetUserResult {
username: (string | null)
source: (string | null)
/**
 * Unix time in seconds.
 */
created_on: (number | null)
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "AccessInfoParams".
 */
export interface AccessInfoParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "AccessInfoResult".
 */
export interface AccessInfoResult {
default_source: string
available_sources: string[]
/**
 * True when `force_logins` is set and there are users.
 */
login_required: boolean
/**
 * Whether the client's address is one of `trusted_clients`; null on the Unix socket.
 */
trusted: (boolean | null)
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "AccessLoginParams".
 */
export interface AccessLoginParams {
/**
 * The name they log in with.
 */
username: string
/**
 * Never logged.
 */
password: string
/**
 * Where the password is checked: `moonraker` (this machine's own users). The configuration's `default_source` when not given.
 */
source?: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "AccessLoginResult".
 */
export interface AccessLoginResult {
/**
 * The name they log in with.
 */
username: string
/**
 * JSON Web Token: `Authorization: Bearer`, `X-Access-Token`, `?access_token=`, or `access_token` of server.connection.identify. Good for an hour.
 */
token: string
source: string
/**
 * JSON Web Token that access.refresh_jwt takes. Good for `login_timeout` days.
 */
refresh_token: string
action: "user_logged_in"
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "AccessLogoutParams".
 */
export interface AccessLogoutParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "AccessLogoutResult".
 */
export interface AccessLogoutResult {
/**
 * The name they log in with.
 */
username: string
action: "user_logged_out"
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "AccessOneshotTokenParams".
 */
export interface AccessOneshotTokenParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "AccessPostApiKeyParams".
 */
export interface AccessPostApiKeyParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "AccessPostUserParams".
 */
export interface AccessPostUserParams {
/**
 * 1 to 128 characters, none of them a control character.
 */
username: string
/**
 * Not empty. Never logged.
 */
password: string
/**
 * Where the password is checked: `moonraker` (this machine's own users). The configuration's `default_source` when not given.
 */
source?: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "AccessPostUserResult".
 */
export interface AccessPostUserResult {
/**
 * The name they log in with.
 */
username: string
/**
 * JSON Web Token: `Authorization: Bearer`, `X-Access-Token`, `?access_token=`, or `access_token` of server.connection.identify. Good for an hour.
 */
token: string
source: string
/**
 * JSON Web Token that access.refresh_jwt takes. Good for `login_timeout` days.
 */
refresh_token: string
action: "user_created"
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "AccessRefreshJwtParams".
 */
export interface AccessRefreshJwtParams {
/**
 * As access.login gave it.
 */
refresh_token: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "AccessRefreshJwtResult".
 */
export interface AccessRefreshJwtResult {
/**
 * The name they log in with.
 */
username: string
/**
 * JSON Web Token: `Authorization: Bearer`, `X-Access-Token`, `?access_token=`, or `access_token` of server.connection.identify. Good for an hour.
 */
token: string
source: string
action: "user_jwt_refresh"
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "AccessUserPasswordParams".
 */
export interface AccessUserPasswordParams {
/**
 * The one that holds now. Never logged.
 */
password: string
/**
 * Not empty. Never logged.
 */
new_password: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "AccessUserPasswordResult".
 */
export interface AccessUserPasswordResult {
/**
 * The name they log in with.
 */
username: string
action: "user_password_reset"
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "AccessUsersListParams".
 */
export interface AccessUsersListParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "AccessUsersListResult".
 */
export interface AccessUsersListResult {
users: {
/**
 * The name they log in with.
 */
username: string
source: string
/**
 * Unix time in seconds.
 */
created_on: number
}[]
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ConnectionRegisterRemoteMethodParams".
 */
export interface ConnectionRegisterRemoteMethodParams {
method_name: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ConnectionSendEventParams".
 */
export interface ConnectionSendEventParams {
event: string
/**
 * Whatever belongs to it.
 */
data?: (string | number | boolean | {
[k: string]: unknown
} | unknown[] | null)
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachinePeripheralsCanbusParams".
 */
export interface MachinePeripheralsCanbusParams {
/**
 * The bus.
 */
interface?: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachinePeripheralsCanbusResult".
 */
export interface MachinePeripheralsCanbusResult {
can_uuids: {
/**
 * Twelve hexadecimal digits.
 */
uuid: string
application: ("Klipper" | "Katapult" | "Unknown")
}[]
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachinePeripheralsSerialParams".
 */
export interface MachinePeripheralsSerialParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachinePeripheralsSerialResult".
 */
export interface MachinePeripheralsSerialResult {
serial_devices: SerialDevice[]
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachinePeripheralsUsbParams".
 */
export interface MachinePeripheralsUsbParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachinePeripheralsUsbResult".
 */
export interface MachinePeripheralsUsbResult {
usb_devices: UsbDevice[]
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachinePeripheralsVideoParams".
 */
export interface MachinePeripheralsVideoParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachinePeripheralsVideoResult".
 */
export interface MachinePeripheralsVideoResult {
/**
 * What Video4Linux captures from.
 */
v4l2_devices: {
device_name: string
device_path: string
camera_name: string
driver_name: string
hardware_bus: string
capabilities: string[]
/**
 * Of the driver.
 */
version: string
path_by_hardware: (string | null)
path_by_id: (string | null)
alt_name: (string | null)
/**
 * `bus:device`.
 */
usb_location: (string | null)
modes: {
/**
 * Four characters: MJPG, YUYV, ...
 */
format: string
description: string
flags: string[]
/**
 * `widthxheight`.
 */
resolutions: string[]
}[]
}[]
libcamera_devices: {
libcamera_id: string
model: (string | null)
modes: {
format: string
resolutions: string[]
}[]
}[]
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineProcStatsParams".
 */
export interface MachineProcStatsParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineProcStatsResult".
 */
export interface MachineProcStatsResult {
/**
 * The last 30 seconds, the oldest first.
 */
moonraker_stats: ProcessStatistics[]
/**
 * null on a machine that is no Raspberry Pi.
 */
throttled_state: (ThrottledState | null)
/**
 * Degrees Celsius; null where no sensor tells.
 */
cpu_temp: (number | null)
/**
 * By interface.
 */
network: {
[k: string]: {
/**
 * Received since it came up.
 */
rx_bytes: number
/**
 * Sent since it came up.
 */
tx_bytes: number
rx_packets: number
tx_packets: number
rx_errs: number
tx_errs: number
rx_drop: number
tx_drop: number
/**
 * Bytes in a second, both ways, since the last look.
 */
bandwidth: number
}
}
/**
 * Percent since the last look: `cpu` all together, `cpu0` and so on each. Empty at the first look.
 */
system_cpu_usage: {
[k: string]: number
}
/**
 * Empty where the kernel does not tell.
 */
system_memory: {
/**
 * kB.
 */
total?: number
/**
 * kB.
 */
available?: number
/**
 * kB.
 */
used?: number
}
/**
 * Seconds.
 */
system_uptime: number
websocket_connections: number
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineRebootParams".
 */
export interface MachineRebootParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineServicesRestartParams".
 */
export interface MachineServicesRestartParams {
/**
 * Its name, without `.service`.
 */
service: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineServicesStartParams".
 */
export interface MachineServicesStartParams {
/**
 * Its name, without `.service`.
 */
service: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineServicesStopParams".
 */
export interface MachineServicesStopParams {
/**
 * Its name, without `.service`.
 */
service: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineShutdownParams".
 */
export interface MachineShutdownParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineSudoInfoParams".
 */
export interface MachineSudoInfoParams {
/**
 * Try it.
 */
check_access?: boolean
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineSudoInfoResult".
 */
export interface MachineSudoInfoResult {
/**
 * null when it was not tried.
 */
sudo_access: (boolean | null)
/**
 * Whom it runs as.
 */
linux_user: string
/**
 * True while something waits for a password.
 */
sudo_requested: boolean
/**
 * What for.
 */
request_messages: string[]
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineSudoPasswordParams".
 */
export interface MachineSudoPasswordParams {
/**
 * The Linux user's password.
 */
password: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineSudoPasswordResult".
 */
export interface MachineSudoPasswordResult {
/**
 * What came of it.
 */
sudo_responses: string[]
/**
 * Always false: nothing here needs a restart.
 */
is_restarting: boolean
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineSystemInfoParams".
 */
export interface MachineSystemInfoParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineSystemInfoResult".
 */
export interface MachineSystemInfoResult {
system_info: {
/**
 * The machine's own Python.
 */
python: {
/**
 * Empty without one.
 */
version: (number | string)[]
version_string: string
}
cpu_info: {
cpu_count: number
bits: string
processor: string
cpu_desc: string
serial_number: string
hardware_desc: string
model: string
/**
 * In memory_units.
 */
total_memory: (number | null)
memory_units: string
}
/**
 * The card in the first slot; empty without one.
 */
sd_info: {
manufacturer_id?: string
manufacturer?: string
oem_id?: string
product_name?: string
product_revision?: string
serial_number?: string
/**
 * `month/year`.
 */
manufacturer_date?: string
/**
 * For people.
 */
capacity?: string
total_bytes?: number
}
distribution: {
name: string
id: string
version: string
version_parts: {
major: string
minor: string
build_number: string
}
like: string
codename: string
/**
 * Always empty.
 */
release_info: {
[k: string]: string
}
kernel_version: string
}
virtualization: {
virt_type: ("none" | "container" | "vm" | "unknown")
virt_identifier: string
}
/**
 * Wired and wireless interfaces that are up and have an address.
 */
network: {
[k: string]: {
mac_address: string
ip_addresses: {
family: ("ipv4" | "ipv6")
address: string
is_link_local: boolean
}[]
}
}
/**
 * CAN buses that are up.
 */
canbus: {
[k: string]: {
tx_queue_len: number
/**
 * -1 when it is not known.
 */
bitrate: number
driver: string
}
}
/**
 * `provider` of [machine].
 */
provider: string
/**
 * Services that there are and that may be touched.
 */
available_services: string[]
/**
 * By service.
 */
service_state: {
[k: string]: UnitState
}
instance_ids: {
/**
 * The service that we run as.
 */
moonraker: string
/**
 * The service that Klipper runs as.
 */
klipper: string
}
}
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
 * via the `definition` "MachineUpdateDoctorParams".
 */
export interface MachineUpdateDoctorParams {
/**
 * Repair what is safe, too. It waits for its end.
 */
fix?: boolean
}
/**
 * What is wrong with the machine.
 */
export interface MachineUpdateDoctorResult {
/**
 * True when nothing was found, or all of it was repaired.
 */
healthy: boolean
/**
 * What is the cause of others comes first.
 */
findings: DoctorFinding[]
/**
 * Everything that was looked at.
 * 
 * Items: One thing that was looked at.
 */
checks: {
/**
 * power_supply, file_systems, disk_space, clock, dns, forge, apt_sources, packages, polkit, git_locks or environments.
 */
name: string
/**
 * good; trouble: it stands in the findings; unknown: it could not be told, which is no fault.
 */
state: ("good" | "trouble" | "unknown")
/**
 * Why it could not be told.
 */
text: string
}[]
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateFullParams".
 */
export interface MachineUpdateFullParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateHistoryParams".
 */
export interface MachineUpdateHistoryParams {
/**
 * Only of this application.
 */
name?: string
/**
 * Entries at most, 1 to 100.
 */
limit?: number
/**
 * Newer entries to leave out.
 */
offset?: number
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateHistoryResult".
 */
export interface MachineUpdateHistoryResult {
/**
 * Newest first.
 */
entries: HistoryEntry[]
/**
 * Entries there are, of this application when one is named.
 */
total: number
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateImagesBuildParams".
 */
export interface MachineUpdateImagesBuildParams {
/**
 * The application. All that can be put into an image when neither this nor `names` is given.
 */
name?: string
/**
 * Several applications.
 */
names?: string[]
/**
 * What people call the image; the date when left out.
 */
version?: string
}
/**
 * An update image that was made on this machine, and is not signed yet.
 */
export interface MachineUpdateImagesBuildResult {
/**
 * What people call the image.
 */
version: string
/**
 * Bytes.
 */
size: number
/**
 * SHA-256 of the whole file, hexadecimal.
 */
checksum: string
/**
 * Where it lies on this machine until the next one is made. GET /machine/update/images/built brings it.
 */
file: string
/**
 * What it updates.
 */
applications: {
name: string
version: string
}[]
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateImagesDeleteParams".
 */
export interface MachineUpdateImagesDeleteParams {
/**
 * The image.
 */
id: number
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateImagesFetchParams".
 */
export interface MachineUpdateImagesFetchParams {
/**
 * http or https, without a password in it.
 */
url: string
}
/**
 * An update image on this machine.
 */
export interface MachineUpdateImagesFetchResult {
/**
 * Never given twice.
 */
id: number
/**
 * UPLOADING: it comes, or the rest of it is waited for. VALIDATING: it is looked at. VALID: it can be used. INVALID: it was refused. UPLOAD_ERROR: it did not come whole. Of the last two nothing is kept but this note.
 */
state: ("UPLOADING" | "VALIDATING" | "VALID" | "INVALID" | "UPLOAD_ERROR")
/**
 * For people: what goes on, or why it was refused.
 */
state_description: string
/**
 * The stable code of what went wrong; null when nothing did.
 */
error: (string | null)
/**
 * Of the upload and of the look: 0 to 1.
 */
progress: number
/**
 * Bytes that came. An upload that was cut and can be resumed goes on there.
 */
received: number
/**
 * Bytes; null when it is not known.
 */
size: (number | null)
/**
 * SHA-256 of the whole file, hexadecimal; null as long as it did not come whole.
 */
checksum: (string | null)
/**
 * As its manifest says; null when it has none that counts.
 */
version: (string | null)
/**
 * The id of the key that signed it; null when none was asked for.
 */
signed_by: (string | null)
/**
 * What it updates; empty when it is not valid.
 */
applications: {
name: string
version: string
}[]
/**
 * When it began to come; Unix seconds.
 */
created_at: number
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateImagesGetParams".
 */
export interface MachineUpdateImagesGetParams {
/**
 * The image.
 */
id: number
}
/**
 * An update image on this machine.
 */
export interface MachineUpdateImagesGetResult {
/**
 * Never given twice.
 */
id: number
/**
 * UPLOADING: it comes, or the rest of it is waited for. VALIDATING: it is looked at. VALID: it can be used. INVALID: it was refused. UPLOAD_ERROR: it did not come whole. Of the last two nothing is kept but this note.
 */
state: ("UPLOADING" | "VALIDATING" | "VALID" | "INVALID" | "UPLOAD_ERROR")
/**
 * For people: what goes on, or why it was refused.
 */
state_description: string
/**
 * The stable code of what went wrong; null when nothing did.
 */
error: (string | null)
/**
 * Of the upload and of the look: 0 to 1.
 */
progress: number
/**
 * Bytes that came. An upload that was cut and can be resumed goes on there.
 */
received: number
/**
 * Bytes; null when it is not known.
 */
size: (number | null)
/**
 * SHA-256 of the whole file, hexadecimal; null as long as it did not come whole.
 */
checksum: (string | null)
/**
 * As its manifest says; null when it has none that counts.
 */
version: (string | null)
/**
 * The id of the key that signed it; null when none was asked for.
 */
signed_by: (string | null)
/**
 * What it updates; empty when it is not valid.
 */
applications: {
name: string
version: string
}[]
/**
 * When it began to come; Unix seconds.
 */
created_at: number
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateImagesListParams".
 */
export interface MachineUpdateImagesListParams {

}
/**
 * Images.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateImagesListResult".
 */
export interface MachineUpdateImagesListResult {
/**
 * Newest last.
 */
images: Image[]
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateJobsCancelParams".
 */
export interface MachineUpdateJobsCancelParams {
/**
 * The job.
 */
id: string
}
/**
 * An operation, from its request to its end.
 */
export interface MachineUpdateJobsCancelResult {
/**
 * Unique for ever.
 */
id: string
/**
 * What is done.
 */
goal: ("upgrade" | "rollback" | "recover")
/**
 * In their order; empty until a request for all of them has its turn.
 * 
 * Items: One application's part.
 */
applications: {
/**
 * The application.
 */
name: string
/**
 * Its version before; null as long as nothing was looked at.
 */
from: (string | null)
/**
 * The version that it is to have.
 */
to: (string | null)
/**
 * null: not over yet.
 */
outcome: ("done" | "failed" | "needs_person" | "cancelled" | "not_needed" | null)
}[]
/**
 * True when all parts are done, or none.
 */
atomic: boolean
/**
 * Where it ends.
 */
until: ("prepared" | "applied")
/**
 * What it waits for.
 */
when: ("now" | "idle" | "window")
/**
 * queued: waits. preparing: looks and downloads. prepared: can be started. running: changes. done. failed: the old version runs. needs_person: nobody else can go on. cancelled: nothing was changed, or all was undone.
 */
state: ("queued" | "preparing" | "prepared" | "running" | "done" | "failed" | "needs_person" | "cancelled")
/**
 * What goes on, or what is waited for.
 */
stage: string
/**
 * Of the whole.
 */
progress: number
/**
 * Of what was prepared or accepted; null when no hash was asked for.
 */
plan_hash: (string | null)
error: ({
/**
 * See docs/errors.md.
 */
code: string
/**
 * For people.
 */
message: string
} | null)
/**
 * Who asked, and through which door.
 */
asked_by: string
/**
 * Unix seconds.
 */
created_at: number
/**
 * Unix seconds of the end of the countdown; null when none runs.
 */
starts_at: (number | null)
/**
 * Unix seconds; null before.
 */
started_at: (number | null)
/**
 * Unix seconds; null before.
 */
ended_at: (number | null)
/**
 * When it last entered each of these states; Unix seconds. Absent where an older Moonkeeper has written it down.
 */
entered?: {
queued?: number
preparing?: number
prepared?: number
running?: number
}
/**
 * When somebody said that they know how it ended; Unix seconds. Absent when nobody did.
 */
dismissed_at?: number
/**
 * The number of its last line; 0 when there is none.
 */
last_seq: number
/**
 * Lines; only where they were asked for.
 */
log?: LogLine[]
/**
 * The update image that it comes from; absent: from where the applications come from.
 */
image?: {
/**
 * Of the image.
 */
id: number
/**
 * What people call the image.
 */
version: string
}
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateJobsGetParams".
 */
export interface MachineUpdateJobsGetParams {
/**
 * The job.
 */
id: string
/**
 * Only lines after this one.
 */
after_seq?: number
}
/**
 * An operation, from its request to its end.
 */
export interface MachineUpdateJobsGetResult {
/**
 * Unique for ever.
 */
id: string
/**
 * What is done.
 */
goal: ("upgrade" | "rollback" | "recover")
/**
 * In their order; empty until a request for all of them has its turn.
 * 
 * Items: One application's part.
 */
applications: {
/**
 * The application.
 */
name: string
/**
 * Its version before; null as long as nothing was looked at.
 */
from: (string | null)
/**
 * The version that it is to have.
 */
to: (string | null)
/**
 * null: not over yet.
 */
outcome: ("done" | "failed" | "needs_person" | "cancelled" | "not_needed" | null)
}[]
/**
 * True when all parts are done, or none.
 */
atomic: boolean
/**
 * Where it ends.
 */
until: ("prepared" | "applied")
/**
 * What it waits for.
 */
when: ("now" | "idle" | "window")
/**
 * queued: waits. preparing: looks and downloads. prepared: can be started. running: changes. done. failed: the old version runs. needs_person: nobody else can go on. cancelled: nothing was changed, or all was undone.
 */
state: ("queued" | "preparing" | "prepared" | "running" | "done" | "failed" | "needs_person" | "cancelled")
/**
 * What goes on, or what is waited for.
 */
stage: string
/**
 * Of the whole.
 */
progress: number
/**
 * Of what was prepared or accepted; null when no hash was asked for.
 */
plan_hash: (string | null)
error: ({
/**
 * See docs/errors.md.
 */
code: string
/**
 * For people.
 */
message: string
} | null)
/**
 * Who asked, and through which door.
 */
asked_by: string
/**
 * Unix seconds.
 */
created_at: number
/**
 * Unix seconds of the end of the countdown; null when none runs.
 */
starts_at: (number | null)
/**
 * Unix seconds; null before.
 */
started_at: (number | null)
/**
 * Unix seconds; null before.
 */
ended_at: (number | null)
/**
 * When it last entered each of these states; Unix seconds. Absent where an older Moonkeeper has written it down.
 */
entered?: {
queued?: number
preparing?: number
prepared?: number
running?: number
}
/**
 * When somebody said that they know how it ended; Unix seconds. Absent when nobody did.
 */
dismissed_at?: number
/**
 * The number of its last line; 0 when there is none.
 */
last_seq: number
/**
 * Lines; only where they were asked for.
 */
log?: LogLine[]
/**
 * The update image that it comes from; absent: from where the applications come from.
 */
image?: {
/**
 * Of the image.
 */
id: number
/**
 * What people call the image.
 */
version: string
}
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateJobsListParams".
 */
export interface MachineUpdateJobsListParams {
/**
 * Only those in this state.
 */
state?: ("queued" | "preparing" | "prepared" | "running" | "done" | "failed" | "needs_person" | "cancelled")
/**
 * How many at most.
 */
limit?: number
/**
 * How many to leave out.
 */
offset?: number
/**
 * From now on this connection gets notify_update_job; false: no more. Not over HTTP.
 */
subscribe?: boolean
}
/**
 * Jobs.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateJobsListResult".
 */
export interface MachineUpdateJobsListResult {
/**
 * Newest first.
 */
jobs: Job[]
/**
 * How many there are.
 */
total: number
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateJobsStartParams".
 */
export interface MachineUpdateJobsStartParams {
/**
 * The job.
 */
id: string
}
/**
 * An operation, from its request to its end.
 */
export interface MachineUpdateJobsStartResult {
/**
 * Unique for ever.
 */
id: string
/**
 * What is done.
 */
goal: ("upgrade" | "rollback" | "recover")
/**
 * In their order; empty until a request for all of them has its turn.
 * 
 * Items: One application's part.
 */
applications: {
/**
 * The application.
 */
name: string
/**
 * Its version before; null as long as nothing was looked at.
 */
from: (string | null)
/**
 * The version that it is to have.
 */
to: (string | null)
/**
 * null: not over yet.
 */
outcome: ("done" | "failed" | "needs_person" | "cancelled" | "not_needed" | null)
}[]
/**
 * True when all parts are done, or none.
 */
atomic: boolean
/**
 * Where it ends.
 */
until: ("prepared" | "applied")
/**
 * What it waits for.
 */
when: ("now" | "idle" | "window")
/**
 * queued: waits. preparing: looks and downloads. prepared: can be started. running: changes. done. failed: the old version runs. needs_person: nobody else can go on. cancelled: nothing was changed, or all was undone.
 */
state: ("queued" | "preparing" | "prepared" | "running" | "done" | "failed" | "needs_person" | "cancelled")
/**
 * What goes on, or what is waited for.
 */
stage: string
/**
 * Of the whole.
 */
progress: number
/**
 * Of what was prepared or accepted; null when no hash was asked for.
 */
plan_hash: (string | null)
error: ({
/**
 * See docs/errors.md.
 */
code: string
/**
 * For people.
 */
message: string
} | null)
/**
 * Who asked, and through which door.
 */
asked_by: string
/**
 * Unix seconds.
 */
created_at: number
/**
 * Unix seconds of the end of the countdown; null when none runs.
 */
starts_at: (number | null)
/**
 * Unix seconds; null before.
 */
started_at: (number | null)
/**
 * Unix seconds; null before.
 */
ended_at: (number | null)
/**
 * When it last entered each of these states; Unix seconds. Absent where an older Moonkeeper has written it down.
 */
entered?: {
queued?: number
preparing?: number
prepared?: number
running?: number
}
/**
 * When somebody said that they know how it ended; Unix seconds. Absent when nobody did.
 */
dismissed_at?: number
/**
 * The number of its last line; 0 when there is none.
 */
last_seq: number
/**
 * Lines; only where they were asked for.
 */
log?: LogLine[]
/**
 * The update image that it comes from; absent: from where the applications come from.
 */
image?: {
/**
 * Of the image.
 */
id: number
/**
 * What people call the image.
 */
version: string
}
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
 * via the `definition` "MachineUpdatePinParams".
 */
export interface MachineUpdatePinParams {
/**
 * The application.
 */
name: string
/**
 * A version of machine.update.versions; null lets it go.
 */
version: (string | null)
}
/**
 * What holds now.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdatePinResult".
 */
export interface MachineUpdatePinResult {
/**
 * The application.
 */
name: string
/**
 * The id of the version; null when there is none.
 */
pinned: (string | null)
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdatePlanParams".
 */
export interface MachineUpdatePlanParams {
/**
 * The application. All of them when neither this nor `names` is given.
 */
name?: string
/**
 * Several applications.
 */
names?: string[]
/**
 * A version of machine.update.versions; only with one name.
 */
version?: string
/**
 * An update image of machine.update.images: the versions come from it, and nobody is asked. Without a name all that it is for.
 */
image?: number
/**
 * What would be done.
 */
goal?: ("upgrade" | "rollback" | "recover")
/**
 * Of a recovery: everything anew.
 */
hard?: boolean
/**
 * Of a recovery: all dependencies are installed again.
 */
update_deps?: boolean
/**
 * input: looks only at the arguments. all: also at remotes, space, permissions, power and the clock.
 */
check?: ("input" | "all")
}
/**
 * What would happen. Nothing was changed to find out.
 */
export interface MachineUpdatePlanResult {
/**
 * What would be done.
 */
goal: ("upgrade" | "rollback" | "recover")
/**
 * In the order in which they would be done.
 */
applications: ApplicationPlan[]
/**
 * False when one of them is not.
 */
reversible: boolean
/**
 * Why it is refused unless the hash is named; empty when it is not.
 */
needs_plan_hash: string[]
/**
 * What people should know of the machine: power, clock, space.
 */
warnings: string[]
/**
 * Names what is shown here: versions, packages, services, removals and edits. An upgrade, rollback or recovery that is given it is refused when that is not what would be done any more.
 */
hash: string
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
/**
 * The hash of the plan that was shown: refused with `plan_changed` when it is not the same any more. Naming it accepts all that the plan showed.
 */
plan_hash?: string
/**
 * plan: shows the plan. prepared: downloads and stages, and answers with the job. applied: does it.
 */
until?: ("plan" | "prepared" | "applied")
/**
 * Answer at once with the job.
 */
background?: boolean
/**
 * idle: waits until no print runs, with a countdown of 60 s. window: waits for update_window, too. Both answer at once with the job.
 */
when?: ("now" | "idle" | "window")
/**
 * A retry with the same key is answered with the job of the first one.
 */
idempotency_key?: string
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
[k: string]: GitRepoStatus | PythonStatus | ReleaseStatus | SystemStatus
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
/**
 * A kept version; the one before the last update when left out.
 */
version?: string
/**
 * The hash of the plan that was shown: refused with `plan_changed` when it is not the same any more. Naming it accepts all that the plan showed.
 */
plan_hash?: string
/**
 * plan: shows the plan. prepared: downloads and stages, and answers with the job. applied: does it.
 */
until?: ("plan" | "prepared" | "applied")
/**
 * Answer at once with the job.
 */
background?: boolean
/**
 * idle: waits until no print runs, with a countdown of 60 s. window: waits for update_window, too. Both answer at once with the job.
 */
when?: ("now" | "idle" | "window")
/**
 * A retry with the same key is answered with the job of the first one.
 */
idempotency_key?: string
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
[k: string]: GitRepoStatus | PythonStatus | ReleaseStatus | SystemStatus
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
/**
 * Several applications.
 */
names?: string[]
/**
 * A version of machine.update.versions; only with one name.
 */
version?: string
/**
 * An update image of machine.update.images: the versions come from it, and nobody is asked. Without a name all that it is for.
 */
image?: number
/**
 * All of them or none: when one fails, all go back.
 */
atomic?: boolean
/**
 * The hash of the plan that was shown: refused with `plan_changed` when it is not the same any more. Naming it accepts all that the plan showed.
 */
plan_hash?: string
/**
 * plan: shows the plan. prepared: downloads and stages, and answers with the job. applied: does it.
 */
until?: ("plan" | "prepared" | "applied")
/**
 * Answer at once with the job.
 */
background?: boolean
/**
 * idle: waits until no print runs, with a countdown of 60 s. window: waits for update_window, too. Both answer at once with the job.
 */
when?: ("now" | "idle" | "window")
/**
 * A retry with the same key is answered with the job of the first one.
 */
idempotency_key?: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateVersionsParams".
 */
export interface MachineUpdateVersionsParams {
/**
 * The application.
 */
name: string
/**
 * How many at most.
 */
limit?: number
/**
 * How many to leave out.
 */
offset?: number
}
/**
 * Versions of an application.
 */
export interface MachineUpdateVersionsResult {
/**
 * Newest first.
 * 
 * Items: A version.
 */
versions: {
/**
 * For people, and for the argument `version`.
 */
version: string
/**
 * What names it exactly.
 */
id: string
/**
 * Unix seconds.
 */
date: (number | null)
/**
 * The release's title, or the commit's subject.
 */
title: string
/**
 * True for the installed one.
 */
current: boolean
/**
 * True when a rollback to it needs no network.
 */
kept: boolean
}[]
/**
 * How many there are.
 */
total: number
/**
 * The id of the installed one.
 */
current: (string | null)
/**
 * The id of the version that the application is pinned to.
 */
pinned: (string | null)
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterEmergencyStopParams".
 */
export interface PrinterEmergencyStopParams {
[k: string]: unknown
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterFirmwareRestartParams".
 */
export interface PrinterFirmwareRestartParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterGcodeHelpParams".
 */
export interface PrinterGcodeHelpParams {
[k: string]: unknown
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterGcodeScriptParams".
 */
export interface PrinterGcodeScriptParams {
/**
 * One line or several.
 */
script?: string
[k: string]: unknown
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterInfoParams".
 */
export interface PrinterInfoParams {
[k: string]: unknown
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterInfoResult".
 */
export interface PrinterInfoResult {
/**
 * startup, ready, error or shutdown.
 */
state: string
/**
 * Why, for people.
 */
state_message: string
[k: string]: unknown
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterObjectsListParams".
 */
export interface PrinterObjectsListParams {
[k: string]: unknown
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterObjectsListResult".
 */
export interface PrinterObjectsListResult {
objects: string[]
[k: string]: unknown
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterObjectsQueryParams".
 */
export interface PrinterObjectsQueryParams {
/**
 * The names of printer objects, each with a list of its fields, or null for all of them. Over HTTP also as `?toolhead&extruder=temperature,target`.
 */
objects?: {
[k: string]: unknown
}
[k: string]: unknown
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterObjectsQueryResult".
 */
export interface PrinterObjectsQueryResult {
/**
 * Klipper's clock, in seconds.
 */
eventtime: number
/**
 * The fields of each object.
 */
status: {
[k: string]: {
[k: string]: unknown
}
}
[k: string]: unknown
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterObjectsSubscribeParams".
 */
export interface PrinterObjectsSubscribeParams {
/**
 * The names of printer objects, each with a list of its fields, or null for all of them. Over HTTP also as `?toolhead&extruder=temperature,target`.
 */
objects?: {
[k: string]: unknown
}
[k: string]: unknown
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterObjectsSubscribeResult".
 */
export interface PrinterObjectsSubscribeResult {
/**
 * Klipper's clock, in seconds.
 */
eventtime: number
/**
 * The fields of each object.
 */
status: {
[k: string]: {
[k: string]: unknown
}
}
[k: string]: unknown
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterPrintCancelParams".
 */
export interface PrinterPrintCancelParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterPrintPauseParams".
 */
export interface PrinterPrintPauseParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterPrintResumeParams".
 */
export interface PrinterPrintResumeParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterPrintStartParams".
 */
export interface PrinterPrintStartParams {
/**
 * Relative to the folder of the G-code files.
 */
filename: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterQueryEndstopsStatusParams".
 */
export interface PrinterQueryEndstopsStatusParams {
[k: string]: unknown
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "PrinterRestartParams".
 */
export interface PrinterRestartParams {

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
 * via the `definition` "ServerAnnouncementsDeleteFeedParams".
 */
export interface ServerAnnouncementsDeleteFeedParams {
name: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerAnnouncementsDeleteFeedResult".
 */
export interface ServerAnnouncementsDeleteFeedResult {
feed: string
action: "removed"
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerAnnouncementsDismissParams".
 */
export interface ServerAnnouncementsDismissParams {
entry_id: string
/**
 * Seconds until it shows again; never when not given.
 */
wake_time?: number
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerAnnouncementsDismissResult".
 */
export interface ServerAnnouncementsDismissResult {
entry_id: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerAnnouncementsFeedsParams".
 */
export interface ServerAnnouncementsFeedsParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerAnnouncementsFeedsResult".
 */
export interface ServerAnnouncementsFeedsResult {
feeds: string[]
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerAnnouncementsListParams".
 */
export interface ServerAnnouncementsListParams {
include_dismissed?: boolean
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerAnnouncementsListResult".
 */
export interface ServerAnnouncementsListResult {
entries: Announcement[]
feeds: string[]
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerAnnouncementsPostFeedParams".
 */
export interface ServerAnnouncementsPostFeedParams {
name: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerAnnouncementsPostFeedResult".
 */
export interface ServerAnnouncementsPostFeedResult {
feed: string
action: ("added" | "skipped")
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerAnnouncementsUpdateParams".
 */
export interface ServerAnnouncementsUpdateParams {
/**
 * Feeds, also as one text with commas; all when not given.
 */
subscriptions?: (string[] | string | null)
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerAnnouncementsUpdateResult".
 */
export interface ServerAnnouncementsUpdateResult {
entries: Announcement[]
modified: boolean
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
/**
 * As access.login gave it: the connection is that user's.
 */
access_token?: string
/**
 * The API key. A client that is known already needs none, and a wrong one is ignored then.
 */
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
 * via the `definition` "ServerDatabaseCompactParams".
 */
export interface ServerDatabaseCompactParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerDatabaseCompactResult".
 */
export interface ServerDatabaseCompactResult {
/**
 * Bytes.
 */
previous_size: number
/**
 * Bytes.
 */
new_size: number
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerDatabaseDeleteBackupParams".
 */
export interface ServerDatabaseDeleteBackupParams {
/**
 * A name in the backup folder, no path.
 */
filename: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerDatabaseDeleteBackupResult".
 */
export interface ServerDatabaseDeleteBackupResult {
backup_path: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerDatabaseDeleteItemParams".
 */
export interface ServerDatabaseDeleteItemParams {
/**
 * The namespace.
 */
namespace: string
/**
 * `record.key.key`, or the same as a list of names: a name in a list may have dots.
 */
key: (string | number | boolean | {
[k: string]: unknown
} | unknown[] | null)
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerDatabaseDeleteItemResult".
 */
export interface ServerDatabaseDeleteItemResult {
/**
 * The namespace.
 */
namespace: string
/**
 * As it was given.
 */
key: (string | number | boolean | {
[k: string]: unknown
} | unknown[] | null)
/**
 * Any JSON.
 */
value: (string | number | boolean | {
[k: string]: unknown
} | unknown[] | null)
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerDatabaseGetItemParams".
 */
export interface ServerDatabaseGetItemParams {
/**
 * The namespace.
 */
namespace: string
/**
 * `record.key.key`, or the same as a list of names: a name in a list may have dots.
 */
key?: (string | number | boolean | {
[k: string]: unknown
} | unknown[] | null)
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerDatabaseGetItemResult".
 */
export interface ServerDatabaseGetItemResult {
/**
 * The namespace.
 */
namespace: string
/**
 * As it was given; null for the whole namespace.
 */
key: (string | number | boolean | {
[k: string]: unknown
} | unknown[] | null)
/**
 * Any JSON.
 */
value: (string | number | boolean | {
[k: string]: unknown
} | unknown[] | null)
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerDatabaseListParams".
 */
export interface ServerDatabaseListParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerDatabaseListResult".
 */
export interface ServerDatabaseListResult {
namespaces: string[]
/**
 * Names of files.
 */
backups: string[]
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerDatabasePostBackupParams".
 */
export interface ServerDatabasePostBackupParams {
/**
 * A name in the backup folder, no path; one with the time in it when not given.
 */
filename?: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerDatabasePostBackupResult".
 */
export interface ServerDatabasePostBackupResult {
backup_path: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerDatabasePostItemParams".
 */
export interface ServerDatabasePostItemParams {
/**
 * The namespace.
 */
namespace: string
/**
 * `record.key.key`, or the same as a list of names: a name in a list may have dots.
 */
key: (string | number | boolean | {
[k: string]: unknown
} | unknown[] | null)
/**
 * Any JSON.
 */
value: (string | number | boolean | {
[k: string]: unknown
} | unknown[] | null)
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerDatabasePostItemResult".
 */
export interface ServerDatabasePostItemResult {
/**
 * The namespace.
 */
namespace: string
/**
 * As it was given.
 */
key: (string | number | boolean | {
[k: string]: unknown
} | unknown[] | null)
/**
 * Any JSON.
 */
value: (string | number | boolean | {
[k: string]: unknown
} | unknown[] | null)
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerDatabaseRestoreParams".
 */
export interface ServerDatabaseRestoreParams {
/**
 * A name in the backup folder, no path.
 */
filename: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerDatabaseRestoreResult".
 */
export interface ServerDatabaseRestoreResult {
restored_tables: string[]
restored_namespaces: string[]
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerExtensionsListParams".
 */
export interface ServerExtensionsListParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerExtensionsListResult".
 */
export interface ServerExtensionsListResult {
agents: {
name: string
version: string
type: string
url: string
}[]
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerExtensionsRequestParams".
 */
export interface ServerExtensionsRequestParams {
agent: string
method: string
/**
 * An object or a list.
 */
arguments?: (string | number | boolean | {
[k: string]: unknown
} | unknown[] | null)
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerFilesCopyParams".
 */
export interface ServerFilesCopyParams {
/**
 * `root/folder/name`.
 */
source: string
/**
 * `root/folder/name`.
 */
dest: string
}
/**
 * What was changed in the files of a root.
 */
export interface ServerFilesCopyResult {
action: ("create_file" | "create_dir" | "delete_file" | "delete_dir" | "move_file" | "move_dir" | "modify_file" | "root_update")
item: FileItem
/**
 * Where it was moved from.
 */
source_item?: {
path: string
root: string
}
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerFilesDeleteDirectoryParams".
 */
export interface ServerFilesDeleteDirectoryParams {
/**
 * `root/folder/name`.
 */
path?: string
/**
 * Also with what is in it.
 */
force?: boolean
}
/**
 * What was changed in the files of a root.
 */
export interface ServerFilesDeleteDirectoryResult {
action: ("create_file" | "create_dir" | "delete_file" | "delete_dir" | "move_file" | "move_dir" | "modify_file" | "root_update")
item: FileItem
/**
 * Where it was moved from.
 */
source_item?: {
path: string
root: string
}
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerFilesDeleteFileParams".
 */
export interface ServerFilesDeleteFileParams {
/**
 * `root/folder/name`.
 */
path: string
}
/**
 * What was changed in the files of a root.
 */
export interface ServerFilesDeleteFileResult {
action: ("create_file" | "create_dir" | "delete_file" | "delete_dir" | "move_file" | "move_dir" | "modify_file" | "root_update")
item: FileItem
/**
 * Where it was moved from.
 */
source_item?: {
path: string
root: string
}
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerFilesGetDirectoryParams".
 */
export interface ServerFilesGetDirectoryParams {
/**
 * `root/folder/name`.
 */
path?: string
/**
 * Moonraker's; without effect, because there are no G-code files here.
 */
extended?: boolean
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerFilesGetDirectoryResult".
 */
export interface ServerFilesGetDirectoryResult {
dirs: {
/**
 * Seconds since the epoch.
 */
modified: number
/**
 * Bytes.
 */
size: number
/**
 * rw, r, or empty where nobody may look.
 */
permissions: string
dirname: string
}[]
files: {
/**
 * Seconds since the epoch.
 */
modified: number
/**
 * Bytes.
 */
size: number
/**
 * rw, r, or empty where nobody may look.
 */
permissions: string
filename: string
}[]
/**
 * Bytes of the file system.
 */
disk_usage: {
total: number
used: number
free: number
}
root_info: {
name: string
permissions: string
}
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerFilesListParams".
 */
export interface ServerFilesListParams {
/**
 * config or logs.
 */
root?: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerFilesMetadataParams".
 */
export interface ServerFilesMetadataParams {
filename: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerFilesMetadataResult".
 */
export interface ServerFilesMetadataResult {
[k: string]: unknown
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerFilesMoveParams".
 */
export interface ServerFilesMoveParams {
/**
 * `root/folder/name`.
 */
source: string
/**
 * `root/folder/name`.
 */
dest: string
}
/**
 * What was changed in the files of a root.
 */
export interface ServerFilesMoveResult {
action: ("create_file" | "create_dir" | "delete_file" | "delete_dir" | "move_file" | "move_dir" | "modify_file" | "root_update")
item: FileItem
/**
 * Where it was moved from.
 */
source_item?: {
path: string
root: string
}
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerFilesPostDirectoryParams".
 */
export interface ServerFilesPostDirectoryParams {
/**
 * `root/folder/name`.
 */
path?: string
}
/**
 * What was changed in the files of a root.
 */
export interface ServerFilesPostDirectoryResult {
action: ("create_file" | "create_dir" | "delete_file" | "delete_dir" | "move_file" | "move_dir" | "modify_file" | "root_update")
item: FileItem
/**
 * Where it was moved from.
 */
source_item?: {
path: string
root: string
}
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerFilesRootsParams".
 */
export interface ServerFilesRootsParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerFilesZipParams".
 */
export interface ServerFilesZipParams {
/**
 * `root/folder/name`; in the configuration, with the time in its name, when not given.
 */
dest?: (string | null)
/**
 * Files, and folders whose files (but not folders) are packed; also as one text with commas.
 */
items: (string[] | string)
/**
 * Without compression.
 */
store_only?: boolean
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerFilesZipResult".
 */
export interface ServerFilesZipResult {
destination: FileItem
action: "zip_files"
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerGcodeStoreParams".
 */
export interface ServerGcodeStoreParams {
/**
 * The newest so many; all without it.
 */
count?: number
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerGcodeStoreResult".
 */
export interface ServerGcodeStoreResult {
gcode_store: {
message: string
/**
 * Unix seconds.
 */
time: number
type: ("command" | "response")
}[]
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
/**
 * The Moonraker whose API this server has, for front ends that ask for one.
 */
moonraker_version: string
missing_klippy_requirements: string[]
api_version: number[]
api_version_string: string
/**
 * The version of this server.
 */
moonkeeper_version: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerLogsRolloverParams".
 */
export interface ServerLogsRolloverParams {
/**
 * moonraker (this server) or klipper; both without it.
 */
application?: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerLogsRolloverResult".
 */
export interface ServerLogsRolloverResult {
rolled_over: string[]
/**
 * Why, by application.
 */
failed: {
[k: string]: string
}
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerRestartParams".
 */
export interface ServerRestartParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerTemperatureStoreParams".
 */
export interface ServerTemperatureStoreParams {
/**
 * Also sensors that only monitor, such as those of stepper drivers; they may have null.
 */
include_monitors?: boolean
}
/**
 * By sensor.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerTemperatureStoreResult".
 */
export interface ServerTemperatureStoreResult {
/**
 * temperatures, targets, powers and speeds, as far as the sensor has them.
 */
[k: string]: {
[k: string]: (number | null)[]
}
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerWebcamsDeleteItemParams".
 */
export interface ServerWebcamsDeleteItemParams {
/**
 * Counts before the name.
 */
uid?: string
/**
 * The camera.
 */
name?: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerWebcamsDeleteItemResult".
 */
export interface ServerWebcamsDeleteItemResult {
webcam: Webcam
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerWebcamsGetItemParams".
 */
export interface ServerWebcamsGetItemParams {
/**
 * Counts before the name.
 */
uid?: string
/**
 * The camera.
 */
name?: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerWebcamsGetItemResult".
 */
export interface ServerWebcamsGetItemResult {
webcam: Webcam
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerWebcamsListParams".
 */
export interface ServerWebcamsListParams {

}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerWebcamsListResult".
 */
export interface ServerWebcamsListResult {
webcams: Webcam[]
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerWebcamsPostItemParams".
 */
export interface ServerWebcamsPostItemParams {
/**
 * Counts before the name.
 */
uid?: string
/**
 * The camera; its new name when uid is given.
 */
name?: string
/**
 * Of a new one `true` when not given.
 */
enabled?: boolean
/**
 * Of a new one `mdiWebcam` when not given.
 */
icon?: string
/**
 * Of a new one `4:3` when not given.
 */
aspect_ratio?: string
/**
 * Of a new one `15` when not given.
 */
target_fps?: number
/**
 * Of a new one `5` when not given.
 */
target_fps_idle?: number
/**
 * Of a new one `printer` when not given.
 */
location?: string
/**
 * Of a new one `mjpegstreamer` when not given.
 */
service?: string
/**
 * Needed for a new one.
 */
stream_url?: string
/**
 * Of a new one empty when not given.
 */
snapshot_url?: string
/**
 * Of a new one `false` when not given.
 */
flip_horizontal?: boolean
/**
 * Of a new one `false` when not given.
 */
flip_vertical?: boolean
/**
 * Degrees: 0, 90, 180 or 270. Of a new one 0 when not given.
 */
rotation?: number
/**
 * Of a new one `{}` when not given.
 */
extra_data?: (string | number | boolean | {
[k: string]: unknown
} | unknown[] | null)
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerWebcamsPostItemResult".
 */
export interface ServerWebcamsPostItemResult {
webcam: Webcam
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerWebcamsTestParams".
 */
export interface ServerWebcamsTestParams {
/**
 * Counts before the name.
 */
uid?: string
/**
 * The camera.
 */
name?: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerWebcamsTestResult".
 */
export interface ServerWebcamsTestResult {
name: string
snapshot_reachable: boolean
snapshot_url: string
stream_url: string
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
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "NotifyAgentEventParams".
 */
export interface NotifyAgentEventParams {
agent: string
event: string
data?: (string | number | boolean | {
[k: string]: unknown
} | unknown[] | null)
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "NotifyAnnouncementDismissedParams".
 */
export interface NotifyAnnouncementDismissedParams {
entry_id: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "NotifyAnnouncementUpdateParams".
 */
export interface NotifyAnnouncementUpdateParams {
entries: Announcement[]
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "NotifyAnnouncementWakeParams".
 */
export interface NotifyAnnouncementWakeParams {
entry_id: string
}
/**
 * Whether a Raspberry Pi slows itself down.
 */
export interface NotifyCpuThrottledParams {
/**
 * The Raspberry Pi firmware's flags.
 */
bits: number
/**
 * The same, for people.
 */
flags: string[]
}
/**
 * What was changed in the files of a root.
 */
export interface NotifyFilelistChangedParams {
action: ("create_file" | "create_dir" | "delete_file" | "delete_dir" | "move_file" | "move_dir" | "modify_file" | "root_update")
item: FileItem
/**
 * Where it was moved from.
 */
source_item?: {
path: string
root: string
}
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "NotifyProcStatUpdateParams".
 */
export interface NotifyProcStatUpdateParams {
moonraker_stats: ProcessStatistics
/**
 * Degrees Celsius; null where no sensor tells.
 */
cpu_temp: (number | null)
/**
 * By interface.
 */
network: {
[k: string]: {
/**
 * Received since it came up.
 */
rx_bytes: number
/**
 * Sent since it came up.
 */
tx_bytes: number
rx_packets: number
tx_packets: number
rx_errs: number
tx_errs: number
rx_drop: number
tx_drop: number
/**
 * Bytes in a second, both ways, since the last look.
 */
bandwidth: number
}
}
/**
 * Percent since the last look: `cpu` all together, `cpu0` and so on each. Empty at the first look.
 */
system_cpu_usage: {
[k: string]: number
}
/**
 * Empty where the kernel does not tell.
 */
system_memory: {
/**
 * kB.
 */
total?: number
/**
 * kB.
 */
available?: number
/**
 * kB.
 */
used?: number
}
websocket_connections: number
}
/**
 * By service.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "NotifyServiceStateChangedParams".
 */
export interface NotifyServiceStateChangedParams {
[k: string]: UnitState
}
/**
 * Whether sudo wants a password.
 */
export interface NotifySudoAlertParams {
/**
 * True while something waits for a password.
 */
sudo_requested: boolean
/**
 * What for.
 */
request_messages: string[]
}
/**
 * An operation, from its request to its end.
 */
export interface NotifyUpdateJobParams {
/**
 * Unique for ever.
 */
id: string
/**
 * What is done.
 */
goal: ("upgrade" | "rollback" | "recover")
/**
 * In their order; empty until a request for all of them has its turn.
 * 
 * Items: One application's part.
 */
applications: {
/**
 * The application.
 */
name: string
/**
 * Its version before; null as long as nothing was looked at.
 */
from: (string | null)
/**
 * The version that it is to have.
 */
to: (string | null)
/**
 * null: not over yet.
 */
outcome: ("done" | "failed" | "needs_person" | "cancelled" | "not_needed" | null)
}[]
/**
 * True when all parts are done, or none.
 */
atomic: boolean
/**
 * Where it ends.
 */
until: ("prepared" | "applied")
/**
 * What it waits for.
 */
when: ("now" | "idle" | "window")
/**
 * queued: waits. preparing: looks and downloads. prepared: can be started. running: changes. done. failed: the old version runs. needs_person: nobody else can go on. cancelled: nothing was changed, or all was undone.
 */
state: ("queued" | "preparing" | "prepared" | "running" | "done" | "failed" | "needs_person" | "cancelled")
/**
 * What goes on, or what is waited for.
 */
stage: string
/**
 * Of the whole.
 */
progress: number
/**
 * Of what was prepared or accepted; null when no hash was asked for.
 */
plan_hash: (string | null)
error: ({
/**
 * See docs/errors.md.
 */
code: string
/**
 * For people.
 */
message: string
} | null)
/**
 * Who asked, and through which door.
 */
asked_by: string
/**
 * Unix seconds.
 */
created_at: number
/**
 * Unix seconds of the end of the countdown; null when none runs.
 */
starts_at: (number | null)
/**
 * Unix seconds; null before.
 */
started_at: (number | null)
/**
 * Unix seconds; null before.
 */
ended_at: (number | null)
/**
 * When it last entered each of these states; Unix seconds. Absent where an older Moonkeeper has written it down.
 */
entered?: {
queued?: number
preparing?: number
prepared?: number
running?: number
}
/**
 * When somebody said that they know how it ended; Unix seconds. Absent when nobody did.
 */
dismissed_at?: number
/**
 * The number of its last line; 0 when there is none.
 */
last_seq: number
/**
 * Lines; only where they were asked for.
 */
log?: LogLine[]
/**
 * The update image that it comes from; absent: from where the applications come from.
 */
image?: {
/**
 * Of the image.
 */
id: number
/**
 * What people call the image.
 */
version: string
}
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
[k: string]: GitRepoStatus | PythonStatus | ReleaseStatus | SystemStatus
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
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "NotifyUserCreatedParams".
 */
export interface NotifyUserCreatedParams {
/**
 * The name they log in with.
 */
username: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "NotifyUserDeletedParams".
 */
export interface NotifyUserDeletedParams {
/**
 * The name they log in with.
 */
username: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "NotifyUserLoggedInParams".
 */
export interface NotifyUserLoggedInParams {
/**
 * The name they log in with.
 */
username: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "NotifyUserLoggedOutParams".
 */
export interface NotifyUserLoggedOutParams {
/**
 * The name they log in with.
 */
username: string
}
/**
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "NotifyWebcamsChangedParams".
 */
export interface NotifyWebcamsChangedParams {
webcams: Webcam[]
}
/**
 * What is wrong with the machine.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateDoctorResult".
 */
export interface DoctorReport1 {
/**
 * True when nothing was found, or all of it was repaired.
 */
healthy: boolean
/**
 * What is the cause of others comes first.
 */
findings: DoctorFinding[]
/**
 * Everything that was looked at.
 * 
 * Items: One thing that was looked at.
 */
checks: {
/**
 * power_supply, file_systems, disk_space, clock, dns, forge, apt_sources, packages, polkit, git_locks or environments.
 */
name: string
/**
 * good; trouble: it stands in the findings; unknown: it could not be told, which is no fault.
 */
state: ("good" | "trouble" | "unknown")
/**
 * Why it could not be told.
 */
text: string
}[]
}
/**
 * An update image that was made on this machine, and is not signed yet.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateImagesBuildResult".
 */
export interface BuiltImage1 {
/**
 * What people call the image.
 */
version: string
/**
 * Bytes.
 */
size: number
/**
 * SHA-256 of the whole file, hexadecimal.
 */
checksum: string
/**
 * Where it lies on this machine until the next one is made. GET /machine/update/images/built brings it.
 */
file: string
/**
 * What it updates.
 */
applications: {
name: string
version: string
}[]
}
/**
 * An update image on this machine.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateImagesFetchResult".
 */
export interface Image1 {
/**
 * Never given twice.
 */
id: number
/**
 * UPLOADING: it comes, or the rest of it is waited for. VALIDATING: it is looked at. VALID: it can be used. INVALID: it was refused. UPLOAD_ERROR: it did not come whole. Of the last two nothing is kept but this note.
 */
state: ("UPLOADING" | "VALIDATING" | "VALID" | "INVALID" | "UPLOAD_ERROR")
/**
 * For people: what goes on, or why it was refused.
 */
state_description: string
/**
 * The stable code of what went wrong; null when nothing did.
 */
error: (string | null)
/**
 * Of the upload and of the look: 0 to 1.
 */
progress: number
/**
 * Bytes that came. An upload that was cut and can be resumed goes on there.
 */
received: number
/**
 * Bytes; null when it is not known.
 */
size: (number | null)
/**
 * SHA-256 of the whole file, hexadecimal; null as long as it did not come whole.
 */
checksum: (string | null)
/**
 * As its manifest says; null when it has none that counts.
 */
version: (string | null)
/**
 * The id of the key that signed it; null when none was asked for.
 */
signed_by: (string | null)
/**
 * What it updates; empty when it is not valid.
 */
applications: {
name: string
version: string
}[]
/**
 * When it began to come; Unix seconds.
 */
created_at: number
}
/**
 * An update image on this machine.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateImagesGetResult".
 */
export interface Image2 {
/**
 * Never given twice.
 */
id: number
/**
 * UPLOADING: it comes, or the rest of it is waited for. VALIDATING: it is looked at. VALID: it can be used. INVALID: it was refused. UPLOAD_ERROR: it did not come whole. Of the last two nothing is kept but this note.
 */
state: ("UPLOADING" | "VALIDATING" | "VALID" | "INVALID" | "UPLOAD_ERROR")
/**
 * For people: what goes on, or why it was refused.
 */
state_description: string
/**
 * The stable code of what went wrong; null when nothing did.
 */
error: (string | null)
/**
 * Of the upload and of the look: 0 to 1.
 */
progress: number
/**
 * Bytes that came. An upload that was cut and can be resumed goes on there.
 */
received: number
/**
 * Bytes; null when it is not known.
 */
size: (number | null)
/**
 * SHA-256 of the whole file, hexadecimal; null as long as it did not come whole.
 */
checksum: (string | null)
/**
 * As its manifest says; null when it has none that counts.
 */
version: (string | null)
/**
 * The id of the key that signed it; null when none was asked for.
 */
signed_by: (string | null)
/**
 * What it updates; empty when it is not valid.
 */
applications: {
name: string
version: string
}[]
/**
 * When it began to come; Unix seconds.
 */
created_at: number
}
/**
 * An operation, from its request to its end.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateJobsCancelResult".
 */
export interface Job1 {
/**
 * Unique for ever.
 */
id: string
/**
 * What is done.
 */
goal: ("upgrade" | "rollback" | "recover")
/**
 * In their order; empty until a request for all of them has its turn.
 * 
 * Items: One application's part.
 */
applications: {
/**
 * The application.
 */
name: string
/**
 * Its version before; null as long as nothing was looked at.
 */
from: (string | null)
/**
 * The version that it is to have.
 */
to: (string | null)
/**
 * null: not over yet.
 */
outcome: ("done" | "failed" | "needs_person" | "cancelled" | "not_needed" | null)
}[]
/**
 * True when all parts are done, or none.
 */
atomic: boolean
/**
 * Where it ends.
 */
until: ("prepared" | "applied")
/**
 * What it waits for.
 */
when: ("now" | "idle" | "window")
/**
 * queued: waits. preparing: looks and downloads. prepared: can be started. running: changes. done. failed: the old version runs. needs_person: nobody else can go on. cancelled: nothing was changed, or all was undone.
 */
state: ("queued" | "preparing" | "prepared" | "running" | "done" | "failed" | "needs_person" | "cancelled")
/**
 * What goes on, or what is waited for.
 */
stage: string
/**
 * Of the whole.
 */
progress: number
/**
 * Of what was prepared or accepted; null when no hash was asked for.
 */
plan_hash: (string | null)
error: ({
/**
 * See docs/errors.md.
 */
code: string
/**
 * For people.
 */
message: string
} | null)
/**
 * Who asked, and through which door.
 */
asked_by: string
/**
 * Unix seconds.
 */
created_at: number
/**
 * Unix seconds of the end of the countdown; null when none runs.
 */
starts_at: (number | null)
/**
 * Unix seconds; null before.
 */
started_at: (number | null)
/**
 * Unix seconds; null before.
 */
ended_at: (number | null)
/**
 * When it last entered each of these states; Unix seconds. Absent where an older Moonkeeper has written it down.
 */
entered?: {
queued?: number
preparing?: number
prepared?: number
running?: number
}
/**
 * When somebody said that they know how it ended; Unix seconds. Absent when nobody did.
 */
dismissed_at?: number
/**
 * The number of its last line; 0 when there is none.
 */
last_seq: number
/**
 * Lines; only where they were asked for.
 */
log?: LogLine[]
/**
 * The update image that it comes from; absent: from where the applications come from.
 */
image?: {
/**
 * Of the image.
 */
id: number
/**
 * What people call the image.
 */
version: string
}
}
/**
 * An operation, from its request to its end.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateJobsGetResult".
 */
export interface Job2 {
/**
 * Unique for ever.
 */
id: string
/**
 * What is done.
 */
goal: ("upgrade" | "rollback" | "recover")
/**
 * In their order; empty until a request for all of them has its turn.
 * 
 * Items: One application's part.
 */
applications: {
/**
 * The application.
 */
name: string
/**
 * Its version before; null as long as nothing was looked at.
 */
from: (string | null)
/**
 * The version that it is to have.
 */
to: (string | null)
/**
 * null: not over yet.
 */
outcome: ("done" | "failed" | "needs_person" | "cancelled" | "not_needed" | null)
}[]
/**
 * True when all parts are done, or none.
 */
atomic: boolean
/**
 * Where it ends.
 */
until: ("prepared" | "applied")
/**
 * What it waits for.
 */
when: ("now" | "idle" | "window")
/**
 * queued: waits. preparing: looks and downloads. prepared: can be started. running: changes. done. failed: the old version runs. needs_person: nobody else can go on. cancelled: nothing was changed, or all was undone.
 */
state: ("queued" | "preparing" | "prepared" | "running" | "done" | "failed" | "needs_person" | "cancelled")
/**
 * What goes on, or what is waited for.
 */
stage: string
/**
 * Of the whole.
 */
progress: number
/**
 * Of what was prepared or accepted; null when no hash was asked for.
 */
plan_hash: (string | null)
error: ({
/**
 * See docs/errors.md.
 */
code: string
/**
 * For people.
 */
message: string
} | null)
/**
 * Who asked, and through which door.
 */
asked_by: string
/**
 * Unix seconds.
 */
created_at: number
/**
 * Unix seconds of the end of the countdown; null when none runs.
 */
starts_at: (number | null)
/**
 * Unix seconds; null before.
 */
started_at: (number | null)
/**
 * Unix seconds; null before.
 */
ended_at: (number | null)
/**
 * When it last entered each of these states; Unix seconds. Absent where an older Moonkeeper has written it down.
 */
entered?: {
queued?: number
preparing?: number
prepared?: number
running?: number
}
/**
 * When somebody said that they know how it ended; Unix seconds. Absent when nobody did.
 */
dismissed_at?: number
/**
 * The number of its last line; 0 when there is none.
 */
last_seq: number
/**
 * Lines; only where they were asked for.
 */
log?: LogLine[]
/**
 * The update image that it comes from; absent: from where the applications come from.
 */
image?: {
/**
 * Of the image.
 */
id: number
/**
 * What people call the image.
 */
version: string
}
}
/**
 * An operation, from its request to its end.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateJobsStartResult".
 */
export interface Job3 {
/**
 * Unique for ever.
 */
id: string
/**
 * What is done.
 */
goal: ("upgrade" | "rollback" | "recover")
/**
 * In their order; empty until a request for all of them has its turn.
 * 
 * Items: One application's part.
 */
applications: {
/**
 * The application.
 */
name: string
/**
 * Its version before; null as long as nothing was looked at.
 */
from: (string | null)
/**
 * The version that it is to have.
 */
to: (string | null)
/**
 * null: not over yet.
 */
outcome: ("done" | "failed" | "needs_person" | "cancelled" | "not_needed" | null)
}[]
/**
 * True when all parts are done, or none.
 */
atomic: boolean
/**
 * Where it ends.
 */
until: ("prepared" | "applied")
/**
 * What it waits for.
 */
when: ("now" | "idle" | "window")
/**
 * queued: waits. preparing: looks and downloads. prepared: can be started. running: changes. done. failed: the old version runs. needs_person: nobody else can go on. cancelled: nothing was changed, or all was undone.
 */
state: ("queued" | "preparing" | "prepared" | "running" | "done" | "failed" | "needs_person" | "cancelled")
/**
 * What goes on, or what is waited for.
 */
stage: string
/**
 * Of the whole.
 */
progress: number
/**
 * Of what was prepared or accepted; null when no hash was asked for.
 */
plan_hash: (string | null)
error: ({
/**
 * See docs/errors.md.
 */
code: string
/**
 * For people.
 */
message: string
} | null)
/**
 * Who asked, and through which door.
 */
asked_by: string
/**
 * Unix seconds.
 */
created_at: number
/**
 * Unix seconds of the end of the countdown; null when none runs.
 */
starts_at: (number | null)
/**
 * Unix seconds; null before.
 */
started_at: (number | null)
/**
 * Unix seconds; null before.
 */
ended_at: (number | null)
/**
 * When it last entered each of these states; Unix seconds. Absent where an older Moonkeeper has written it down.
 */
entered?: {
queued?: number
preparing?: number
prepared?: number
running?: number
}
/**
 * When somebody said that they know how it ended; Unix seconds. Absent when nobody did.
 */
dismissed_at?: number
/**
 * The number of its last line; 0 when there is none.
 */
last_seq: number
/**
 * Lines; only where they were asked for.
 */
log?: LogLine[]
/**
 * The update image that it comes from; absent: from where the applications come from.
 */
image?: {
/**
 * Of the image.
 */
id: number
/**
 * What people call the image.
 */
version: string
}
}
/**
 * What would happen. Nothing was changed to find out.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdatePlanResult".
 */
export interface Plan1 {
/**
 * What would be done.
 */
goal: ("upgrade" | "rollback" | "recover")
/**
 * In the order in which they would be done.
 */
applications: ApplicationPlan[]
/**
 * False when one of them is not.
 */
reversible: boolean
/**
 * Why it is refused unless the hash is named; empty when it is not.
 */
needs_plan_hash: string[]
/**
 * What people should know of the machine: power, clock, space.
 */
warnings: string[]
/**
 * Names what is shown here: versions, packages, services, removals and edits. An upgrade, rollback or recovery that is given it is refused when that is not what would be done any more.
 */
hash: string
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
[k: string]: GitRepoStatus | PythonStatus | ReleaseStatus | SystemStatus
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
[k: string]: GitRepoStatus | PythonStatus | ReleaseStatus | SystemStatus
}
/**
 * True while an operation runs.
 */
busy: boolean
}
/**
 * Versions of an application.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "MachineUpdateVersionsResult".
 */
export interface Versions1 {
/**
 * Newest first.
 * 
 * Items: A version.
 */
versions: {
/**
 * For people, and for the argument `version`.
 */
version: string
/**
 * What names it exactly.
 */
id: string
/**
 * Unix seconds.
 */
date: (number | null)
/**
 * The release's title, or the commit's subject.
 */
title: string
/**
 * True for the installed one.
 */
current: boolean
/**
 * True when a rollback to it needs no network.
 */
kept: boolean
}[]
/**
 * How many there are.
 */
total: number
/**
 * The id of the installed one.
 */
current: (string | null)
/**
 * The id of the version that the application is pinned to.
 */
pinned: (string | null)
}
/**
 * What was changed in the files of a root.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerFilesCopyResult".
 */
export interface FileChange1 {
action: ("create_file" | "create_dir" | "delete_file" | "delete_dir" | "move_file" | "move_dir" | "modify_file" | "root_update")
item: FileItem
/**
 * Where it was moved from.
 */
source_item?: {
path: string
root: string
}
}
/**
 * What was changed in the files of a root.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerFilesDeleteDirectoryResult".
 */
export interface FileChange2 {
action: ("create_file" | "create_dir" | "delete_file" | "delete_dir" | "move_file" | "move_dir" | "modify_file" | "root_update")
item: FileItem
/**
 * Where it was moved from.
 */
source_item?: {
path: string
root: string
}
}
/**
 * What was changed in the files of a root.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerFilesDeleteFileResult".
 */
export interface FileChange3 {
action: ("create_file" | "create_dir" | "delete_file" | "delete_dir" | "move_file" | "move_dir" | "modify_file" | "root_update")
item: FileItem
/**
 * Where it was moved from.
 */
source_item?: {
path: string
root: string
}
}
/**
 * What was changed in the files of a root.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerFilesMoveResult".
 */
export interface FileChange4 {
action: ("create_file" | "create_dir" | "delete_file" | "delete_dir" | "move_file" | "move_dir" | "modify_file" | "root_update")
item: FileItem
/**
 * Where it was moved from.
 */
source_item?: {
path: string
root: string
}
}
/**
 * What was changed in the files of a root.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "ServerFilesPostDirectoryResult".
 */
export interface FileChange5 {
action: ("create_file" | "create_dir" | "delete_file" | "delete_dir" | "move_file" | "move_dir" | "modify_file" | "root_update")
item: FileItem
/**
 * Where it was moved from.
 */
source_item?: {
path: string
root: string
}
}
/**
 * Whether a Raspberry Pi slows itself down.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "NotifyCpuThrottledParams".
 */
export interface ThrottledState1 {
/**
 * The Raspberry Pi firmware's flags.
 */
bits: number
/**
 * The same, for people.
 */
flags: string[]
}
/**
 * What was changed in the files of a root.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "NotifyFilelistChangedParams".
 */
export interface FileChange6 {
action: ("create_file" | "create_dir" | "delete_file" | "delete_dir" | "move_file" | "move_dir" | "modify_file" | "root_update")
item: FileItem
/**
 * Where it was moved from.
 */
source_item?: {
path: string
root: string
}
}
/**
 * Whether sudo wants a password.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "NotifySudoAlertParams".
 */
export interface SudoAlert1 {
/**
 * True while something waits for a password.
 */
sudo_requested: boolean
/**
 * What for.
 */
request_messages: string[]
}
/**
 * An operation, from its request to its end.
 * 
 * This interface was referenced by `AllSchemas`'s JSON-Schema
 * via the `definition` "NotifyUpdateJobParams".
 */
export interface Job4 {
/**
 * Unique for ever.
 */
id: string
/**
 * What is done.
 */
goal: ("upgrade" | "rollback" | "recover")
/**
 * In their order; empty until a request for all of them has its turn.
 * 
 * Items: One application's part.
 */
applications: {
/**
 * The application.
 */
name: string
/**
 * Its version before; null as long as nothing was looked at.
 */
from: (string | null)
/**
 * The version that it is to have.
 */
to: (string | null)
/**
 * null: not over yet.
 */
outcome: ("done" | "failed" | "needs_person" | "cancelled" | "not_needed" | null)
}[]
/**
 * True when all parts are done, or none.
 */
atomic: boolean
/**
 * Where it ends.
 */
until: ("prepared" | "applied")
/**
 * What it waits for.
 */
when: ("now" | "idle" | "window")
/**
 * queued: waits. preparing: looks and downloads. prepared: can be started. running: changes. done. failed: the old version runs. needs_person: nobody else can go on. cancelled: nothing was changed, or all was undone.
 */
state: ("queued" | "preparing" | "prepared" | "running" | "done" | "failed" | "needs_person" | "cancelled")
/**
 * What goes on, or what is waited for.
 */
stage: string
/**
 * Of the whole.
 */
progress: number
/**
 * Of what was prepared or accepted; null when no hash was asked for.
 */
plan_hash: (string | null)
error: ({
/**
 * See docs/errors.md.
 */
code: string
/**
 * For people.
 */
message: string
} | null)
/**
 * Who asked, and through which door.
 */
asked_by: string
/**
 * Unix seconds.
 */
created_at: number
/**
 * Unix seconds of the end of the countdown; null when none runs.
 */
starts_at: (number | null)
/**
 * Unix seconds; null before.
 */
started_at: (number | null)
/**
 * Unix seconds; null before.
 */
ended_at: (number | null)
/**
 * When it last entered each of these states; Unix seconds. Absent where an older Moonkeeper has written it down.
 */
entered?: {
queued?: number
preparing?: number
prepared?: number
running?: number
}
/**
 * When somebody said that they know how it ended; Unix seconds. Absent when nobody did.
 */
dismissed_at?: number
/**
 * The number of its last line; 0 when there is none.
 */
last_seq: number
/**
 * Lines; only where they were asked for.
 */
log?: LogLine[]
/**
 * The update image that it comes from; absent: from where the applications come from.
 */
image?: {
/**
 * Of the image.
 */
id: number
/**
 * What people call the image.
 */
version: string
}
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
[k: string]: GitRepoStatus | PythonStatus | ReleaseStatus | SystemStatus
}
/**
 * True while an operation runs.
 */
busy: boolean
}

export interface MethodMap {
  'access.delete_user': { params: AccessDeleteUserParams; result: AccessDeleteUserResult }
  'access.get_api_key': { params: AccessGetApiKeyParams; result: AccessGetApiKeyResult }
  'access.get_user': { params: AccessGetUserParams; result: AccessGetUserResult }
  'access.info': { params: AccessInfoParams; result: AccessInfoResult }
  'access.login': { params: AccessLoginParams; result: AccessLoginResult }
  'access.logout': { params: AccessLogoutParams; result: AccessLogoutResult }
  'access.oneshot_token': { params: AccessOneshotTokenParams; result: AccessOneshotTokenResult }
  'access.post_api_key': { params: AccessPostApiKeyParams; result: AccessPostApiKeyResult }
  'access.post_user': { params: AccessPostUserParams; result: AccessPostUserResult }
  'access.refresh_jwt': { params: AccessRefreshJwtParams; result: AccessRefreshJwtResult }
  'access.user.password': { params: AccessUserPasswordParams; result: AccessUserPasswordResult }
  'access.users.list': { params: AccessUsersListParams; result: AccessUsersListResult }
  'connection.register_remote_method': { params: ConnectionRegisterRemoteMethodParams; result: ConnectionRegisterRemoteMethodResult }
  'connection.send_event': { params: ConnectionSendEventParams; result: ConnectionSendEventResult }
  'machine.peripherals.canbus': { params: MachinePeripheralsCanbusParams; result: MachinePeripheralsCanbusResult }
  'machine.peripherals.serial': { params: MachinePeripheralsSerialParams; result: MachinePeripheralsSerialResult }
  'machine.peripherals.usb': { params: MachinePeripheralsUsbParams; result: MachinePeripheralsUsbResult }
  'machine.peripherals.video': { params: MachinePeripheralsVideoParams; result: MachinePeripheralsVideoResult }
  'machine.proc_stats': { params: MachineProcStatsParams; result: MachineProcStatsResult }
  'machine.reboot': { params: MachineRebootParams; result: MachineRebootResult }
  'machine.services.restart': { params: MachineServicesRestartParams; result: MachineServicesRestartResult }
  'machine.services.start': { params: MachineServicesStartParams; result: MachineServicesStartResult }
  'machine.services.stop': { params: MachineServicesStopParams; result: MachineServicesStopResult }
  'machine.shutdown': { params: MachineShutdownParams; result: MachineShutdownResult }
  'machine.sudo.info': { params: MachineSudoInfoParams; result: MachineSudoInfoResult }
  'machine.sudo.password': { params: MachineSudoPasswordParams; result: MachineSudoPasswordResult }
  'machine.system_info': { params: MachineSystemInfoParams; result: MachineSystemInfoResult }
  'machine.update.client': { params: MachineUpdateClientParams; result: MachineUpdateClientResult }
  'machine.update.doctor': { params: MachineUpdateDoctorParams; result: MachineUpdateDoctorResult }
  'machine.update.full': { params: MachineUpdateFullParams; result: MachineUpdateFullResult }
  'machine.update.history': { params: MachineUpdateHistoryParams; result: MachineUpdateHistoryResult }
  'machine.update.images.build': { params: MachineUpdateImagesBuildParams; result: MachineUpdateImagesBuildResult }
  'machine.update.images.delete': { params: MachineUpdateImagesDeleteParams; result: MachineUpdateImagesDeleteResult }
  'machine.update.images.fetch': { params: MachineUpdateImagesFetchParams; result: MachineUpdateImagesFetchResult }
  'machine.update.images.get': { params: MachineUpdateImagesGetParams; result: MachineUpdateImagesGetResult }
  'machine.update.images.list': { params: MachineUpdateImagesListParams; result: MachineUpdateImagesListResult }
  'machine.update.jobs.cancel': { params: MachineUpdateJobsCancelParams; result: MachineUpdateJobsCancelResult }
  'machine.update.jobs.get': { params: MachineUpdateJobsGetParams; result: MachineUpdateJobsGetResult }
  'machine.update.jobs.list': { params: MachineUpdateJobsListParams; result: MachineUpdateJobsListResult }
  'machine.update.jobs.start': { params: MachineUpdateJobsStartParams; result: MachineUpdateJobsStartResult }
  'machine.update.klipper': { params: MachineUpdateKlipperParams; result: MachineUpdateKlipperResult }
  'machine.update.moonraker': { params: MachineUpdateMoonrakerParams; result: MachineUpdateMoonrakerResult }
  'machine.update.pin': { params: MachineUpdatePinParams; result: MachineUpdatePinResult }
  'machine.update.plan': { params: MachineUpdatePlanParams; result: MachineUpdatePlanResult }
  'machine.update.recover': { params: MachineUpdateRecoverParams; result: MachineUpdateRecoverResult }
  'machine.update.refresh': { params: MachineUpdateRefreshParams; result: MachineUpdateRefreshResult }
  'machine.update.rollback': { params: MachineUpdateRollbackParams; result: MachineUpdateRollbackResult }
  'machine.update.status': { params: MachineUpdateStatusParams; result: MachineUpdateStatusResult }
  'machine.update.system': { params: MachineUpdateSystemParams; result: MachineUpdateSystemResult }
  'machine.update.upgrade': { params: MachineUpdateUpgradeParams; result: MachineUpdateUpgradeResult }
  'machine.update.versions': { params: MachineUpdateVersionsParams; result: MachineUpdateVersionsResult }
  'printer.emergency_stop': { params: PrinterEmergencyStopParams; result: PrinterEmergencyStopResult }
  'printer.firmware_restart': { params: PrinterFirmwareRestartParams; result: PrinterFirmwareRestartResult }
  'printer.gcode.help': { params: PrinterGcodeHelpParams; result: PrinterGcodeHelpResult }
  'printer.gcode.script': { params: PrinterGcodeScriptParams; result: PrinterGcodeScriptResult }
  'printer.info': { params: PrinterInfoParams; result: PrinterInfoResult }
  'printer.objects.list': { params: PrinterObjectsListParams; result: PrinterObjectsListResult }
  'printer.objects.query': { params: PrinterObjectsQueryParams; result: PrinterObjectsQueryResult }
  'printer.objects.subscribe': { params: PrinterObjectsSubscribeParams; result: PrinterObjectsSubscribeResult }
  'printer.print.cancel': { params: PrinterPrintCancelParams; result: PrinterPrintCancelResult }
  'printer.print.pause': { params: PrinterPrintPauseParams; result: PrinterPrintPauseResult }
  'printer.print.resume': { params: PrinterPrintResumeParams; result: PrinterPrintResumeResult }
  'printer.print.start': { params: PrinterPrintStartParams; result: PrinterPrintStartResult }
  'printer.query_endstops.status': { params: PrinterQueryEndstopsStatusParams; result: PrinterQueryEndstopsStatusResult }
  'printer.restart': { params: PrinterRestartParams; result: PrinterRestartResult }
  'rpc.discover': { params: RpcDiscoverParams; result: RpcDiscoverResult }
  'server.announcements.delete_feed': { params: ServerAnnouncementsDeleteFeedParams; result: ServerAnnouncementsDeleteFeedResult }
  'server.announcements.dismiss': { params: ServerAnnouncementsDismissParams; result: ServerAnnouncementsDismissResult }
  'server.announcements.feeds': { params: ServerAnnouncementsFeedsParams; result: ServerAnnouncementsFeedsResult }
  'server.announcements.list': { params: ServerAnnouncementsListParams; result: ServerAnnouncementsListResult }
  'server.announcements.post_feed': { params: ServerAnnouncementsPostFeedParams; result: ServerAnnouncementsPostFeedResult }
  'server.announcements.update': { params: ServerAnnouncementsUpdateParams; result: ServerAnnouncementsUpdateResult }
  'server.config': { params: ServerConfigParams; result: ServerConfigResult }
  'server.connection.identify': { params: ServerConnectionIdentifyParams; result: ServerConnectionIdentifyResult }
  'server.database.compact': { params: ServerDatabaseCompactParams; result: ServerDatabaseCompactResult }
  'server.database.delete_backup': { params: ServerDatabaseDeleteBackupParams; result: ServerDatabaseDeleteBackupResult }
  'server.database.delete_item': { params: ServerDatabaseDeleteItemParams; result: ServerDatabaseDeleteItemResult }
  'server.database.get_item': { params: ServerDatabaseGetItemParams; result: ServerDatabaseGetItemResult }
  'server.database.list': { params: ServerDatabaseListParams; result: ServerDatabaseListResult }
  'server.database.post_backup': { params: ServerDatabasePostBackupParams; result: ServerDatabasePostBackupResult }
  'server.database.post_item': { params: ServerDatabasePostItemParams; result: ServerDatabasePostItemResult }
  'server.database.restore': { params: ServerDatabaseRestoreParams; result: ServerDatabaseRestoreResult }
  'server.extensions.list': { params: ServerExtensionsListParams; result: ServerExtensionsListResult }
  'server.extensions.request': { params: ServerExtensionsRequestParams; result: ServerExtensionsRequestResult }
  'server.files.copy': { params: ServerFilesCopyParams; result: ServerFilesCopyResult }
  'server.files.delete_directory': { params: ServerFilesDeleteDirectoryParams; result: ServerFilesDeleteDirectoryResult }
  'server.files.delete_file': { params: ServerFilesDeleteFileParams; result: ServerFilesDeleteFileResult }
  'server.files.get_directory': { params: ServerFilesGetDirectoryParams; result: ServerFilesGetDirectoryResult }
  'server.files.list': { params: ServerFilesListParams; result: ServerFilesListResult }
  'server.files.metadata': { params: ServerFilesMetadataParams; result: ServerFilesMetadataResult }
  'server.files.move': { params: ServerFilesMoveParams; result: ServerFilesMoveResult }
  'server.files.post_directory': { params: ServerFilesPostDirectoryParams; result: ServerFilesPostDirectoryResult }
  'server.files.roots': { params: ServerFilesRootsParams; result: ServerFilesRootsResult }
  'server.files.zip': { params: ServerFilesZipParams; result: ServerFilesZipResult }
  'server.gcode_store': { params: ServerGcodeStoreParams; result: ServerGcodeStoreResult }
  'server.info': { params: ServerInfoParams; result: ServerInfoResult }
  'server.logs.rollover': { params: ServerLogsRolloverParams; result: ServerLogsRolloverResult }
  'server.restart': { params: ServerRestartParams; result: ServerRestartResult }
  'server.temperature_store': { params: ServerTemperatureStoreParams; result: ServerTemperatureStoreResult }
  'server.webcams.delete_item': { params: ServerWebcamsDeleteItemParams; result: ServerWebcamsDeleteItemResult }
  'server.webcams.get_item': { params: ServerWebcamsGetItemParams; result: ServerWebcamsGetItemResult }
  'server.webcams.list': { params: ServerWebcamsListParams; result: ServerWebcamsListResult }
  'server.webcams.post_item': { params: ServerWebcamsPostItemParams; result: ServerWebcamsPostItemResult }
  'server.webcams.test': { params: ServerWebcamsTestParams; result: ServerWebcamsTestResult }
  'server.websocket.id': { params: ServerWebsocketIdParams; result: ServerWebsocketIdResult }
}

export interface NotificationMap {
  'notify_agent_event': NotifyAgentEventParams
  'notify_announcement_dismissed': NotifyAnnouncementDismissedParams
  'notify_announcement_update': NotifyAnnouncementUpdateParams
  'notify_announcement_wake': NotifyAnnouncementWakeParams
  'notify_cpu_throttled': NotifyCpuThrottledParams
  'notify_filelist_changed': NotifyFilelistChangedParams
  'notify_gcode_response': NotifyGcodeResponseParams
  'notify_klippy_disconnected': NotifyKlippyDisconnectedParams
  'notify_klippy_ready': NotifyKlippyReadyParams
  'notify_klippy_shutdown': NotifyKlippyShutdownParams
  'notify_proc_stat_update': NotifyProcStatUpdateParams
  'notify_service_state_changed': NotifyServiceStateChangedParams
  'notify_status_update': NotifyStatusUpdateParams
  'notify_sudo_alert': NotifySudoAlertParams
  'notify_update_job': NotifyUpdateJobParams
  'notify_update_refreshed': NotifyUpdateRefreshedParams
  'notify_update_response': NotifyUpdateResponseParams
  'notify_user_created': NotifyUserCreatedParams
  'notify_user_deleted': NotifyUserDeletedParams
  'notify_user_logged_in': NotifyUserLoggedInParams
  'notify_user_logged_out': NotifyUserLoggedOutParams
  'notify_webcams_changed': NotifyWebcamsChangedParams
}

export interface ConfigMap {
  'announcements': AnnouncementsOptions
  'authorization': AuthorizationOptions
  'data_store': DataStoreOptions
  'file_manager': FileManagerOptions
  'machine': MachineOptions
  'moonkeeper.application': MoonkeeperApplicationOptions
  'moonkeeper.dialect': MoonkeeperDialectOptions
  'moonkeeper': MoonkeeperOptions
  'octoprint_compat': OctoprintCompatOptions
  'secrets': SecretsOptions
  'server': ServerOptions
  'update_manager.executable': UpdateManagerExecutableOptions
  'update_manager.git_repo': UpdateManagerGitRepoOptions
  'update_manager': UpdateManagerOptions
  'update_manager.override': UpdateManagerOverrideOptions
  'update_manager.python': UpdateManagerPythonOptions
  'update_manager.web': UpdateManagerWebOptions
  'update_manager.zip': UpdateManagerZipOptions
  'webcam': WebcamOptions
}

export type MethodName = keyof MethodMap
