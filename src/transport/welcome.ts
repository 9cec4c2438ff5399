const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
</head>
<body>
<h1>${title}</h1>
${body}
</body>
</html>
`

const strangers = `<p>This device may not use it. A front end can log in here; a device is let in without a login when its
address is one of <code>trusted_clients</code> in the section <code>[authorization]</code> of moonraker.conf.</p>`

const guests = `<p>Keeps the software of this machine up to date. It speaks Moonraker's API and has no pages of its own:
point a front end such as Mainsail, Fluidd or KlipperScreen to this address.</p>
<p><a href="/rpc/discover">What it answers to</a> &middot; <a href="/server/info">How it is</a> &middot;
<a href="/machine/update/status">What it looks after</a></p>`

/**
 * The page at /: there is nothing to operate here, so it says what does.
 * @param version null for those who may not enter: they learn nothing but how they may
 */
export const welcomePage = (version: string | null): string =>
  version === null ? page('Moonkeeper', strangers) : page(`Moonkeeper ${escaped(version)}`, guests)
