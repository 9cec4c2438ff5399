import { DBusFailure } from '../system/dbus.js'

const errors = 'org.freedesktop.DBus.Error.'

/** Nobody is there to be asked: no bus, or no such service on it. */
const absent = ['NoServer', 'Disconnected', 'ServiceUnknown', 'NameHasNoOwner', 'NoReply', 'FileNotFound']
/** polkit says no, or would ask somebody. */
const denied = ['AccessDenied', 'InteractiveAuthorizationRequired', 'AuthFailed']

const isOneOf = (thrown: unknown, names: readonly string[]): boolean =>
  thrown instanceof DBusFailure &&
  thrown.error.startsWith(errors) &&
  names.includes(thrown.error.slice(errors.length))

export const isNobodyThere = (thrown: unknown): boolean => isOneOf(thrown, absent)

export const isDenied = (thrown: unknown): boolean => isOneOf(thrown, denied)
