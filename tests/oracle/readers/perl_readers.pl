# Read mail with MIME::Parser and Email::MIME. Paths come in on stdin; one JSON line a path goes out, as node_readers.mjs.
use strict;
use warnings;
use Encode ();
use File::Temp ();
use JSON::PP ();
use MIME::Base64 qw(encode_base64);
use MIME::Parser;
use Email::MIME;

local $SIG{__WARN__} = sub { };
$| = 1;
my $json = JSON::PP->new->ascii;

sub decoded { my $v = shift; return eval { Encode::decode('MIME-Header', $v) } // Encode::decode('latin1', $v); }

sub tools {
    my ($raw) = @_;
    my (@text, @data);
    my $parser = MIME::Parser->new;
    $parser->output_to_core(1);
    $parser->tmp_to_core(1);
    $parser->extract_uuencode(1);
    $parser->extract_nested_messages(1);
    $parser->max_parts(-1) if $parser->can('max_parts');
    my $walk;
    $walk = sub {
        my ($entity) = @_;
        for my $tag ($entity->head->tags) { push @text, map { "$tag: " . decoded($_) } $entity->head->get_all($tag) }
        push @text, decoded($entity->head->recommended_filename // '');
        push @data, encode_base64(join('', @{ $entity->preamble // [] }), ''), encode_base64(join('', @{ $entity->epilogue // [] }), '');
        push @data, encode_base64($entity->bodyhandle->as_string, '') if $entity->bodyhandle;
        $walk->($_) for $entity->parts;
    };
    $walk->($parser->parse_data($raw));
    return { text => \@text, data => \@data };
}

sub email_mime {
    my ($raw) = @_;
    my (@text, @data);
    my $walk;
    $walk = sub {
        my ($part) = @_;
        my @pairs = eval { $part->header_str_pairs };
        while (@pairs) { my ($k, $v) = splice @pairs, 0, 2; push @text, "$k: $v" }
        push @text, eval { $part->filename } // '';
        my $shown = eval { $part->body_str };
        push @text, $shown if defined $shown;
        my $body = eval { $part->body };
        push @data, encode_base64(Encode::is_utf8($body) ? Encode::encode_utf8($body) : $body, '') if defined $body;
        my $type = $part->content_type // '';
        if ($type =~ m{^message/(rfc822|global)}i && defined $body) { eval { $walk->(Email::MIME->new($body)) } }
        my @sub = $part->subparts;
        $walk->($_) for @sub;
    };
    $walk->(Email::MIME->new($raw));
    return { text => \@text, data => \@data };
}

my %readers = ('MIME::Parser' => \&tools, 'Email::MIME' => \&email_mime);
while (my $path = <STDIN>) {
    chomp $path;
    open my $in, '<:raw', $path or die "cannot open $path";
    my $raw = do { local $/; <$in> };
    my %out;
    for my $name (keys %readers) {
        $out{$name} = eval { $readers{$name}->($raw) } // { text => [], data => [], error => 'died' };
    }
    print $json->encode(\%out), "\n";
}
