import type { Methods } from './context.js'
import { method as accessDeleteUser } from './access.delete_user.js'
import { method as accessGetApiKey } from './access.get_api_key.js'
import { method as accessGetUser } from './access.get_user.js'
import { method as accessInfo } from './access.info.js'
import { method as accessLogin } from './access.login.js'
import { method as accessLogout } from './access.logout.js'
import { method as accessOneshotToken } from './access.oneshot_token.js'
import { method as accessPostApiKey } from './access.post_api_key.js'
import { method as accessPostUser } from './access.post_user.js'
import { method as accessRefreshJwt } from './access.refresh_jwt.js'
import { method as accessUserPassword } from './access.user.password.js'
import { method as accessUsersList } from './access.users.list.js'
import { method as connectionRegisterRemoteMethod } from './connection.register_remote_method.js'
import { method as connectionSendEvent } from './connection.send_event.js'
import { method as machinePeripheralsCanbus } from './machine.peripherals.canbus.js'
import { method as machinePeripheralsSerial } from './machine.peripherals.serial.js'
import { method as machinePeripheralsUsb } from './machine.peripherals.usb.js'
import { method as machinePeripheralsVideo } from './machine.peripherals.video.js'
import { method as machineProcStats } from './machine.proc_stats.js'
import { method as machineReboot } from './machine.reboot.js'
import { method as machineServicesRestart } from './machine.services.restart.js'
import { method as machineServicesStart } from './machine.services.start.js'
import { method as machineServicesStop } from './machine.services.stop.js'
import { method as machineShutdown } from './machine.shutdown.js'
import { method as machineSudoInfo } from './machine.sudo.info.js'
import { method as machineSudoPassword } from './machine.sudo.password.js'
import { method as machineSystemInfo } from './machine.system_info.js'
import { method as machineUpdateClient } from './machine.update.client.js'
import { method as machineUpdateDoctor } from './machine.update.doctor.js'
import { method as machineUpdateFull } from './machine.update.full.js'
import { method as machineUpdateHistory } from './machine.update.history.js'
import { method as machineUpdateImagesBuild } from './machine.update.images.build.js'
import { method as machineUpdateImagesDelete } from './machine.update.images.delete.js'
import { method as machineUpdateImagesFetch } from './machine.update.images.fetch.js'
import { method as machineUpdateImagesGet } from './machine.update.images.get.js'
import { method as machineUpdateImagesList } from './machine.update.images.list.js'
import { method as machineUpdateJobsCancel } from './machine.update.jobs.cancel.js'
import { method as machineUpdateJobsGet } from './machine.update.jobs.get.js'
import { method as machineUpdateJobsList } from './machine.update.jobs.list.js'
import { method as machineUpdateJobsStart } from './machine.update.jobs.start.js'
import { method as machineUpdateKlipper } from './machine.update.klipper.js'
import { method as machineUpdateMoonraker } from './machine.update.moonraker.js'
import { method as machineUpdatePin } from './machine.update.pin.js'
import { method as machineUpdatePlan } from './machine.update.plan.js'
import { method as machineUpdateRecover } from './machine.update.recover.js'
import { method as machineUpdateRefresh } from './machine.update.refresh.js'
import { method as machineUpdateRollback } from './machine.update.rollback.js'
import { method as machineUpdateStatus } from './machine.update.status.js'
import { method as machineUpdateSystem } from './machine.update.system.js'
import { method as machineUpdateUpgrade } from './machine.update.upgrade.js'
import { method as machineUpdateVersions } from './machine.update.versions.js'
import { method as printerEmergencyStop } from './printer.emergency_stop.js'
import { method as printerFirmwareRestart } from './printer.firmware_restart.js'
import { method as printerGcodeHelp } from './printer.gcode.help.js'
import { method as printerGcodeScript } from './printer.gcode.script.js'
import { method as printerInfo } from './printer.info.js'
import { method as printerObjectsList } from './printer.objects.list.js'
import { method as printerObjectsQuery } from './printer.objects.query.js'
import { method as printerObjectsSubscribe } from './printer.objects.subscribe.js'
import { method as printerPrintCancel } from './printer.print.cancel.js'
import { method as printerPrintPause } from './printer.print.pause.js'
import { method as printerPrintResume } from './printer.print.resume.js'
import { method as printerPrintStart } from './printer.print.start.js'
import { method as printerQueryEndstopsStatus } from './printer.query_endstops.status.js'
import { method as printerRestart } from './printer.restart.js'
import { method as rpcDiscover } from './rpc.discover.js'
import { method as serverAnnouncementsDeleteFeed } from './server.announcements.delete_feed.js'
import { method as serverAnnouncementsDismiss } from './server.announcements.dismiss.js'
import { method as serverAnnouncementsFeeds } from './server.announcements.feeds.js'
import { method as serverAnnouncementsList } from './server.announcements.list.js'
import { method as serverAnnouncementsPostFeed } from './server.announcements.post_feed.js'
import { method as serverAnnouncementsUpdate } from './server.announcements.update.js'
import { method as serverConfig } from './server.config.js'
import { method as serverConnectionIdentify } from './server.connection.identify.js'
import { method as serverDatabaseCompact } from './server.database.compact.js'
import { method as serverDatabaseDeleteBackup } from './server.database.delete_backup.js'
import { method as serverDatabaseDeleteItem } from './server.database.delete_item.js'
import { method as serverDatabaseGetItem } from './server.database.get_item.js'
import { method as serverDatabaseList } from './server.database.list.js'
import { method as serverDatabasePostBackup } from './server.database.post_backup.js'
import { method as serverDatabasePostItem } from './server.database.post_item.js'
import { method as serverDatabaseRestore } from './server.database.restore.js'
import { method as serverExtensionsList } from './server.extensions.list.js'
import { method as serverExtensionsRequest } from './server.extensions.request.js'
import { method as serverFilesCopy } from './server.files.copy.js'
import { method as serverFilesDeleteDirectory } from './server.files.delete_directory.js'
import { method as serverFilesDeleteFile } from './server.files.delete_file.js'
import { method as serverFilesGetDirectory } from './server.files.get_directory.js'
import { method as serverFilesList } from './server.files.list.js'
import { method as serverFilesMetadata } from './server.files.metadata.js'
import { method as serverFilesMove } from './server.files.move.js'
import { method as serverFilesPostDirectory } from './server.files.post_directory.js'
import { method as serverFilesRoots } from './server.files.roots.js'
import { method as serverFilesZip } from './server.files.zip.js'
import { method as serverGcodeStore } from './server.gcode_store.js'
import { method as serverInfo } from './server.info.js'
import { method as serverLogsRollover } from './server.logs.rollover.js'
import { method as serverRestart } from './server.restart.js'
import { method as serverTemperatureStore } from './server.temperature_store.js'
import { method as serverWebcamsDeleteItem } from './server.webcams.delete_item.js'
import { method as serverWebcamsGetItem } from './server.webcams.get_item.js'
import { method as serverWebcamsList } from './server.webcams.list.js'
import { method as serverWebcamsPostItem } from './server.webcams.post_item.js'
import { method as serverWebcamsTest } from './server.webcams.test.js'
import { method as serverWebsocketId } from './server.websocket.id.js'

/** Every method by the name it has on the wire. */
export const methods: Methods = {
  'access.delete_user': accessDeleteUser,
  'access.get_api_key': accessGetApiKey,
  'access.get_user': accessGetUser,
  'access.info': accessInfo,
  'access.login': accessLogin,
  'access.logout': accessLogout,
  'access.oneshot_token': accessOneshotToken,
  'access.post_api_key': accessPostApiKey,
  'access.post_user': accessPostUser,
  'access.refresh_jwt': accessRefreshJwt,
  'access.user.password': accessUserPassword,
  'access.users.list': accessUsersList,
  'connection.register_remote_method': connectionRegisterRemoteMethod,
  'connection.send_event': connectionSendEvent,
  'machine.peripherals.canbus': machinePeripheralsCanbus,
  'machine.peripherals.serial': machinePeripheralsSerial,
  'machine.peripherals.usb': machinePeripheralsUsb,
  'machine.peripherals.video': machinePeripheralsVideo,
  'machine.proc_stats': machineProcStats,
  'machine.reboot': machineReboot,
  'machine.services.restart': machineServicesRestart,
  'machine.services.start': machineServicesStart,
  'machine.services.stop': machineServicesStop,
  'machine.shutdown': machineShutdown,
  'machine.sudo.info': machineSudoInfo,
  'machine.sudo.password': machineSudoPassword,
  'machine.system_info': machineSystemInfo,
  'machine.update.client': machineUpdateClient,
  'machine.update.doctor': machineUpdateDoctor,
  'machine.update.full': machineUpdateFull,
  'machine.update.history': machineUpdateHistory,
  'machine.update.images.build': machineUpdateImagesBuild,
  'machine.update.images.delete': machineUpdateImagesDelete,
  'machine.update.images.fetch': machineUpdateImagesFetch,
  'machine.update.images.get': machineUpdateImagesGet,
  'machine.update.images.list': machineUpdateImagesList,
  'machine.update.jobs.cancel': machineUpdateJobsCancel,
  'machine.update.jobs.get': machineUpdateJobsGet,
  'machine.update.jobs.list': machineUpdateJobsList,
  'machine.update.jobs.start': machineUpdateJobsStart,
  'machine.update.klipper': machineUpdateKlipper,
  'machine.update.moonraker': machineUpdateMoonraker,
  'machine.update.pin': machineUpdatePin,
  'machine.update.plan': machineUpdatePlan,
  'machine.update.recover': machineUpdateRecover,
  'machine.update.refresh': machineUpdateRefresh,
  'machine.update.rollback': machineUpdateRollback,
  'machine.update.status': machineUpdateStatus,
  'machine.update.system': machineUpdateSystem,
  'machine.update.upgrade': machineUpdateUpgrade,
  'machine.update.versions': machineUpdateVersions,
  'printer.emergency_stop': printerEmergencyStop,
  'printer.firmware_restart': printerFirmwareRestart,
  'printer.gcode.help': printerGcodeHelp,
  'printer.gcode.script': printerGcodeScript,
  'printer.info': printerInfo,
  'printer.objects.list': printerObjectsList,
  'printer.objects.query': printerObjectsQuery,
  'printer.objects.subscribe': printerObjectsSubscribe,
  'printer.print.cancel': printerPrintCancel,
  'printer.print.pause': printerPrintPause,
  'printer.print.resume': printerPrintResume,
  'printer.print.start': printerPrintStart,
  'printer.query_endstops.status': printerQueryEndstopsStatus,
  'printer.restart': printerRestart,
  'rpc.discover': rpcDiscover,
  'server.announcements.delete_feed': serverAnnouncementsDeleteFeed,
  'server.announcements.dismiss': serverAnnouncementsDismiss,
  'server.announcements.feeds': serverAnnouncementsFeeds,
  'server.announcements.list': serverAnnouncementsList,
  'server.announcements.post_feed': serverAnnouncementsPostFeed,
  'server.announcements.update': serverAnnouncementsUpdate,
  'server.config': serverConfig,
  'server.connection.identify': serverConnectionIdentify,
  'server.database.compact': serverDatabaseCompact,
  'server.database.delete_backup': serverDatabaseDeleteBackup,
  'server.database.delete_item': serverDatabaseDeleteItem,
  'server.database.get_item': serverDatabaseGetItem,
  'server.database.list': serverDatabaseList,
  'server.database.post_backup': serverDatabasePostBackup,
  'server.database.post_item': serverDatabasePostItem,
  'server.database.restore': serverDatabaseRestore,
  'server.extensions.list': serverExtensionsList,
  'server.extensions.request': serverExtensionsRequest,
  'server.files.copy': serverFilesCopy,
  'server.files.delete_directory': serverFilesDeleteDirectory,
  'server.files.delete_file': serverFilesDeleteFile,
  'server.files.get_directory': serverFilesGetDirectory,
  'server.files.list': serverFilesList,
  'server.files.metadata': serverFilesMetadata,
  'server.files.move': serverFilesMove,
  'server.files.post_directory': serverFilesPostDirectory,
  'server.files.roots': serverFilesRoots,
  'server.files.zip': serverFilesZip,
  'server.gcode_store': serverGcodeStore,
  'server.info': serverInfo,
  'server.logs.rollover': serverLogsRollover,
  'server.restart': serverRestart,
  'server.temperature_store': serverTemperatureStore,
  'server.webcams.delete_item': serverWebcamsDeleteItem,
  'server.webcams.get_item': serverWebcamsGetItem,
  'server.webcams.list': serverWebcamsList,
  'server.webcams.post_item': serverWebcamsPostItem,
  'server.webcams.test': serverWebcamsTest,
  'server.websocket.id': serverWebsocketId,
}
