// Generated from schemas/ by build/generate.mjs. Do not edit.
import type { Validate } from '../tables.js'

export declare const WncmsProgress: Validate
export declare const WncmsUpdate: Validate
export declare const WncmsUpdates: Validate
