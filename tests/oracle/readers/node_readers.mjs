// Read mail with the readers of npm. Paths come in on stdin, one a line; one JSON line a path goes out:
// {"reader name": {"text": [...], "data": [base64, ...]}}. The folder of node_modules is the first argument.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const require = createRequire(pathToFileURL(process.argv[2] + '/'));
const { simpleParser } = require('mailparser');
const PostalMime = (await import(pathToFileURL(require.resolve('postal-mime')).href)).default;
const letterparser = require('letterparser');
const emailjs = require('emailjs-mime-parser');

const b64 = (x) => Buffer.from(x ?? '').toString('base64');

async function mailparser(raw) {
  const text = [], data = [];
  const mail = await simpleParser(raw, { skipTextToHtml: true, skipImageLinks: true });
  for (const [key, value] of mail.headers) text.push(key + ': ' + (typeof value === 'string' ? value : JSON.stringify(value)));
  for (const line of mail.headerLines) text.push(line.line);
  text.push(mail.text ?? '', mail.html || '');
  for (const a of mail.attachments) {
    text.push(a.filename ?? '');
    data.push(b64(a.content));
    if (a.contentType === 'message/rfc822') {
      const inner = await mailparser(a.content);
      text.push(...inner.text); data.push(...inner.data);
    }
  }
  return { text, data };
}

async function postal(raw) {
  const mail = await PostalMime.parse(raw, { attachmentEncoding: 'arraybuffer' });
  const text = mail.headers.map((h) => h.key + ': ' + h.value);
  text.push(mail.subject ?? '', JSON.stringify([mail.from, mail.to, mail.cc, mail.replyTo]), mail.text ?? '', mail.html ?? '');
  const data = [];
  for (const a of mail.attachments) { text.push(a.filename ?? ''); data.push(b64(a.content)); }
  return { text, data };
}

async function letter(raw) {
  const mail = letterparser.extract(raw.toString('latin1'));
  const text = [mail.subject ?? '', JSON.stringify([mail.from, mail.to, mail.replyTo]), mail.text ?? '', mail.html ?? '', mail.amp ?? ''];
  const data = [];
  for (const a of mail.attachments ?? []) { text.push(a.filename ?? ''); data.push(b64(a.body)); }
  return { text, data };
}

async function emailjsParser(raw) {
  const parse = emailjs.default ?? emailjs;
  const text = [], data = [];
  const walk = (node) => {
    for (const values of Object.values(node.headers ?? {})) for (const v of values) text.push(JSON.stringify(v.value), v.initial ?? '');
    if (node.content) data.push(b64(node.content));
    (node.childNodes ?? []).forEach(walk);
  };
  walk(parse(new Uint8Array(raw)));
  return { text, data };
}

const readers = { mailparser, 'postal-mime': postal, letterparser: letter, 'emailjs-mime-parser': emailjsParser };
for await (const path of createInterface({ input: process.stdin })) {
  const raw = readFileSync(path);
  const out = {};
  for (const [name, read] of Object.entries(readers)) {
    try { out[name] = await read(raw); } catch (error) { out[name] = { text: [], data: [], error: error.name }; }
  }
  process.stdout.write(JSON.stringify(out) + '\n');
}
