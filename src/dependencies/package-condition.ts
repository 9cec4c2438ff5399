import type { OperatingSystem } from './operating-system.js'

/*
 * The conditions of a system dependencies file: `distro_id == 'ubuntu' and distro_version >= '24.10'`. Comparisons are
 * joined by `and` and `or` from left to right, without precedence and without brackets. Versions are compared part by
 * part; a number and a word have no order.
 */

type VersionPart = number | string
type Operator = '==' | '!=' | '<=' | '>=' | '<' | '>'

/** It cannot be told whether it holds, and why. */
export class ConditionProblem extends Error {}

const versionParts = (text: string): readonly VersionPart[] => {
  const trimmed = text.trim()
  if (!/^\d/.test(trimmed)) return [trimmed]
  return trimmed.split(/[.-]/).map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}

/** Negative, 0 or positive. @throws ConditionProblem for a number and a word */
const orderOf = (left: VersionPart, right: VersionPart): number => {
  if (typeof left === 'number' && typeof right === 'number') return left - right
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left === right ? 0 : 1
  throw new ConditionProblem(`${left} and ${right} have no order`)
}

/** Of two lists the one that goes on is the greater. */
const orderOfLists = (left: readonly VersionPart[], right: readonly VersionPart[]): number => {
  for (const [index, part] of left.entries()) {
    const other = right[index]
    if (other === undefined) return 1
    if (part !== other) return orderOf(part, other)
  }
  return left.length - right.length
}

const isEqual = (left: readonly VersionPart[], right: readonly VersionPart[]): boolean =>
  left.length === right.length && left.every((part, index) => part === right[index])

const holdsFor = (
  left: readonly VersionPart[],
  operator: Operator,
  right: readonly VersionPart[],
): boolean => {
  switch (operator) {
    case '==':
      return isEqual(left, right)
    case '!=':
      return !isEqual(left, right)
    case '<':
      return orderOfLists(left, right) < 0
    case '<=':
      return orderOfLists(left, right) <= 0
    case '>':
      return orderOfLists(left, right) > 0
    case '>=':
      return orderOfLists(left, right) >= 0
  }
}

const operators = /(==|!=|<=|>=|<|>)/

const valueOf = (text: string): string => text.trim().replace(/^["']+|["']+$/g, '')

/** @throws ConditionProblem */
const compare = (text: string, { id, version, vendor }: OperatingSystem): boolean => {
  const [variable = '', operator, value = '', ...more] = text.split(operators)
  if (operator === undefined || more.length > 0)
    throw new ConditionProblem(`'${text.trim()}' is no comparison`)
  const right = valueOf(value)
  switch (variable.trim().toLowerCase()) {
    case 'distro_id':
      return holdsFor([id], operator as Operator, [right])
    case 'vendor':
      return holdsFor([vendor], operator as Operator, [right])
    case 'distro_version':
      if (version === '') throw new ConditionProblem('the version of the operating system is not known')
      return holdsFor(versionParts(version), operator as Operator, versionParts(right))
    default:
      throw new ConditionProblem(`'${variable.trim()}' is not known`)
  }
}

/** Whether a condition holds here. @throws ConditionProblem when that cannot be told */
export const conditionHolds = (condition: string, system: OperatingSystem): boolean => {
  const [first = '', ...rest] = condition.trim().split(/( and | or )/)
  let holds = compare(first, system)
  for (let at = 0; at < rest.length; at += 2) {
    const next = compare(rest[at + 1] ?? '', system)
    holds = rest[at] === ' and ' ? holds && next : holds || next
  }
  return holds
}
