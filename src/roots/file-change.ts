import { find, noInfo, type FileInfo } from './file-info.js'
import type { Gate } from './gate.js'
import type { Place } from './request-path.js'

export type FileAction =
  | 'create_file'
  | 'create_dir'
  | 'delete_file'
  | 'delete_dir'
  | 'move_file'
  | 'move_dir'
  | 'modify_file'
  | 'root_update'

/** What was changed. compat: notify_filelist_changed tells it so, too. */
export interface FileChange {
  readonly action: FileAction
  readonly item: FileInfo & { readonly path: string; readonly root: string }
  readonly source_item?: { readonly path: string; readonly root: string }
}

const nameOf = ({ root, relative }: Place): { readonly path: string; readonly root: string } => ({
  path: relative,
  root: root.name,
})

/** A change that was made, with what is there now. @param from where it was moved from */
export const changeOf = async (
  action: FileAction,
  place: Place,
  gate: Gate,
  from: Place | null = null,
): Promise<FileChange> => {
  const found = await find(place.path, gate)
  const item = { ...(found?.info ?? noInfo), ...nameOf(place) }
  return from === null ? { action, item } : { action, item, source_item: nameOf(from) }
}
