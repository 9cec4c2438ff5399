/** One commit of the pretend application. */
export interface DemoCommit {
  readonly subject: string
  readonly body?: string
  /** Written files; null removes. */
  readonly files: Readonly<Record<string, string | null>>
  readonly tag?: string
}

const readme = (lines: readonly string[]): string =>
  ['# demo-app', '', 'Tells the phase of the moon. It is here to be updated.', '', ...lines, ''].join('\n')

const phaseFirst = `MONTH = 29.53


def age(days):
    return days % MONTH
`

const phase = `"""How old the moon is."""

MONTH = 29.530588
NEW_MOON = 947182440  # 2000-01-06 18:14 UTC


def age(seconds):
    """Days since the last new moon."""
    return (seconds - NEW_MOON) / 86400 % MONTH
`

const phaseNamed = `${phase}

def name(days):
    """The phase in words."""
    names = ["new", "waxing", "full", "waning"]
    return names[round(days / MONTH * 4) % 4]
`

const names = `"""The names of the phases, as people say them."""

NAMES = [
    "new moon",
    "waxing crescent",
    "first quarter",
    "waxing gibbous",
    "full moon",
    "waning gibbous",
    "last quarter",
    "waning crescent",
]


def name(days, month):
    return NAMES[round(days / month * 8) % 8]
`

const appFirst = `from phase import age

print("The moon is", age(0), "days old")
`

const app = `import time

from phase import age

print(f"The moon is {age(time.time()):.1f} days old")
`

const appNamed = `import time

from phase import age, name

days = age(time.time())
print(f"The moon is {days:.1f} days old: {name(days)}")
`

const appPicture = `import time

from names import name
from phase import MONTH, age
from picture import picture

days = age(time.time())
print(picture(days, MONTH))
print(f"The moon is {days:.1f} days old: {name(days, MONTH)}")
`

const appQuiet = `import sys
import time

from names import name
from phase import MONTH, age
from picture import picture

days = age(time.time())
if "--quiet" not in sys.argv:
    print(picture(days, MONTH))
print(f"The moon is {days:.1f} days old: {name(days, MONTH)}")
`

const picture = `"""The moon in one line."""


def picture(days, month):
    lit = round((1 - abs(days / month * 2 - 1)) * 10)
    return "[" + "#" * lit + "." * (10 - lit) + "]"
`

/** From the first to the newest. The upgrade from v1.0.0 adds, changes and removes files. */
export const demoHistory: readonly DemoCommit[] = [
  {
    subject: 'Begin with the age of the moon',
    files: {
      'README.md': readme([]),
      'phase.py': phaseFirst,
      'demo_app.py': appFirst,
      '.gitignore': '*.pyc\n__pycache__/\n',
    },
  },
  {
    subject: 'Count from a real new moon',
    body: 'The one of January 2000 is as good as any.',
    files: { 'phase.py': phase },
  },
  { subject: 'Ask the clock for the time', files: { 'demo_app.py': app } },
  {
    subject: 'Tell how to run it',
    files: { 'README.md': readme(['    python3 demo_app.py']) },
    tag: 'v1.0.0',
  },
  { subject: 'Name the four phases', files: { 'phase.py': phaseNamed, 'demo_app.py': appNamed } },
  {
    subject: 'Add a changelog',
    files: { 'CHANGELOG.md': '# Changelog\n\n## 1.1.0\n\n- The phase is told in words.\n' },
  },
  {
    subject: 'Add a test that the month is a month',
    files: {
      'test_phase.py': 'from phase import MONTH, age\n\nassert 29 < MONTH < 30\nassert 0 <= age(0) < MONTH\n',
    },
  },
  {
    subject: 'Tell which Python is needed',
    files: { 'README.md': readme(['    python3 demo_app.py', '', 'Any Python from 3.6 on will do.']) },
    tag: 'v1.1.0',
  },
  {
    subject: 'Name all eight phases',
    body: 'Four were too few: a crescent is not a half moon.',
    files: { 'names.py': names, 'phase.py': phase },
  },
  { subject: 'Draw the moon', files: { 'picture.py': picture, 'demo_app.py': appPicture } },
  { subject: 'Be quiet when asked to', files: { 'demo_app.py': appQuiet } },
  {
    subject: 'Write down what is new, and drop the lonely test',
    files: {
      'CHANGELOG.md':
        '# Changelog\n\n## 1.2.0\n\n- Eight phases, and a picture.\n- --quiet\n\n## 1.1.0\n\n- The phase is told in words.\n',
      'test_phase.py': null,
    },
    tag: 'v1.2.0',
  },
]
