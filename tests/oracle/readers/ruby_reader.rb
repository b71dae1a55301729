# Read mail with Ruby's Mail. Paths come in on stdin; one JSON line a path goes out, as node_readers.mjs.
require 'json'
require 'base64'
require 'mail'
$stderr.reopen(File::NULL)

def clean(value)
  value.to_s.dup.force_encoding('UTF-8').scrub('?')
end

def walk(part, text, data, depth = 0)
  part.header.fields.each { |f| text << clean(f.name) + ': ' + clean((f.decoded rescue f.value)) }
  text << clean((part.filename rescue ''))
  if part.multipart? && depth < 60
    part.parts.each { |p| walk(p, text, data, depth + 1) }
    data << Base64.strict_encode64(part.preamble.to_s) << Base64.strict_encode64(part.epilogue.to_s)
  else
    body = (part.decoded rescue part.body.decoded rescue part.body.raw_source)
    data << Base64.strict_encode64(body.to_s)
    walk(Mail.new(part.body.decoded), text, data, depth + 1) if part.mime_type == 'message/rfc822' && depth < 60
  end
end

STDOUT.sync = true
STDIN.each_line do |path|
  text, data, error = [], [], nil
  begin
    walk(Mail.new(File.binread(path.chomp)), text, data)
  rescue StandardError, SystemStackError => e
    error = e.class.name
  end
  puts JSON.generate({ 'ruby mail' => { 'text' => text, 'data' => data, 'error' => error } })
end
