// Generated from schemas/ by build/generate.mjs. Do not edit.
import type { Validate } from '../tables.js'

export declare const MachineUpdateClientParams: Validate
export declare const MachineUpdateFullParams: Validate
export declare const MachineUpdateHistoryParams: Validate
export declare const MachineUpdateJobsCancelParams: Validate
export declare const MachineUpdateJobsGetParams: Validate
export declare const MachineUpdateJobsListParams: Validate
export declare const MachineUpdateJobsStartParams: Validate
export declare const MachineUpdateKlipperParams: Validate
export declare const MachineUpdateMoonrakerParams: Validate
export declare const MachineUpdatePinParams: Validate
export declare const MachineUpdatePlanParams: Validate
export declare const MachineUpdateRecoverParams: Validate
export declare const MachineUpdateRefreshParams: Validate
export declare const MachineUpdateRollbackParams: Validate
export declare const MachineUpdateStatusParams: Validate
export declare const MachineUpdateSystemParams: Validate
export declare const MachineUpdateUpgradeParams: Validate
export declare const MachineUpdateVersionsParams: Validate
export declare const RpcDiscoverParams: Validate
export declare const ServerConfigParams: Validate
export declare const ServerConnectionIdentifyParams: Validate
export declare const ServerInfoParams: Validate
export declare const ServerRestartParams: Validate
export declare const ServerWebsocketIdParams: Validate
export declare const ApplicationState: Validate
export declare const GitRepoState: Validate
export declare const HistoryEntry: Validate
export declare const HistoryTail: Validate
export declare const ImageIndex: Validate
export declare const ImageManifest: Validate
export declare const JobLine: Validate
export declare const JobRecord: Validate
export declare const Journal: Validate
export declare const ReleaseState: Validate
export declare const StagedRelease: Validate
