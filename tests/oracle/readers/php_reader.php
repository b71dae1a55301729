<?php
// Read mail with PHP's mailparse. Paths come in on stdin; one JSON line a path goes out, as node_readers.mjs.
error_reporting(0);
while (($path = fgets(STDIN)) !== false) {
    $path = rtrim($path, "\n");
    $text = [];
    $data = [];
    $mail = mailparse_msg_parse_file($path);
    foreach (mailparse_msg_get_structure($mail) as $section) {
        $part = mailparse_msg_get_part($mail, $section);
        $info = mailparse_msg_get_part_data($part);
        foreach ($info['headers'] as $name => $values) {
            foreach ((array) $values as $value) {
                $shown = iconv_mime_decode($value, ICONV_MIME_DECODE_CONTINUE_ON_ERROR, 'UTF-8');
                $text[] = "$name: " . ($shown === false ? $value : $shown);
            }
        }
        foreach (['disposition-filename', 'content-name', 'content-description'] as $key) {
            $text[] = $info[$key] ?? '';
        }
        $body = mailparse_msg_extract_part_file($part, $path, null);
        $data[] = base64_encode($body === false ? '' : $body);
    }
    mailparse_msg_free($mail);
    echo json_encode(['php mailparse' => ['text' => $text, 'data' => $data]], JSON_INVALID_UTF8_SUBSTITUTE), "\n";
}
