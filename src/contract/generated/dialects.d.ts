// Generated from schemas/ by build/generate.mjs. Do not edit.
import type { Validate } from '../tables.js'

export declare const InstallatronPage: Validate
export declare const InstallatronPolicy: Validate
export declare const InstallatronRestore: Validate
export declare const InstallatronUpdate: Validate
export declare const SystemUpdateFetch: Validate
export declare const SystemUpdateInit: Validate
export declare const WncmsProgress: Validate
export declare const WncmsUpdate: Validate
export declare const WncmsUpdates: Validate
