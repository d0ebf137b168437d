<?php

declare(strict_types=1);

require 'vendor/autoload.php';

use Tallystick\Charon\{AnswerException, ApiException, Charon, CharonError, ClientException, NetworkException, Options};

set_error_handler(fn (int $level, string $text) => throw new ErrorException($text, 0, $level));

$hooked = 0;
$count = function (string $call, int $status) use (&$hooked): void {
    $hooked++;
};

function failure(Closure $call): Throwable
{
    try {
        $call();
    } catch (ClientException | InvalidArgumentException $e) {
        $flags = JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES;
        echo 'text ', json_encode("{$e} " . print_r($e, true), $flags), "\n";
        return $e;
    }
    throw new Exception('no failure');
}

$following = [CURLOPT_FOLLOWLOCATION => true];
$client = new Charon('top-secret', new Options('${away}', curl: $following, hook: $count));
ob_start();
var_dump($client);
echo 'text ', str_replace("\n", ' ', ob_get_clean() . print_r($client, true)), "\n";
$refused = failure(fn () => $client->getCron('a-cron'));
if ($refused instanceof ApiException) {
    echo "refused {$refused->status} {$refused->apiCode} {$refused->headers['retry-after']} {$hooked}\n";
}
failure(fn () => $client->getCron('dated'));
echo "dated {$hooked}\n";
failure(fn () => $client->getCron('never'));
echo "never {$hooked}\n";
foreach (['nothing', 'empty'] as $wrong) {
    $answered = failure(fn () => $client->getCron($wrong));
    if ($answered instanceof AnswerException) {
        echo "{$wrong} {$answered->body}\n";
    }
}
$broken = failure(fn () => $client->getCron('broken'));
if ($broken instanceof AnswerException) {
    echo "answer {$broken->body}\n";
}
$before = $hooked;
$circle = failure(function () use ($client, $before, &$hooked): void {
    foreach ($client->listExecutionsAll('circle') as $number => $execution) {
        echo 'page ', $hooked - $before, " {$number} {$execution->id}\n";
    }
});
echo 'circle ', var_export($circle instanceof AnswerException, true), ' ', $hooked - $before, "\n";
$moved = failure(fn () => $client->canStart('moved'));
if ($moved instanceof ApiException) {
    echo "moved {$moved->status}\n";
}
$before = $hooked;
foreach (['.', '..'] as $step) {
    failure(fn () => $client->deleteCron($step));
}
echo 'step ', $hooked - $before, "\n";
$nowhere = new Charon('top-secret', new Options('http://127.0.0.1:9'));
$unreached = failure(fn () => $nowhere->getCron('a-cron'));
if ($unreached instanceof NetworkException) {
    echo 'network ', var_export($unreached->isTimeout, true), "\n";
}
foreach (['http://someone:top-secret@127.0.0.1:9', 'http://127.0.0.1:9/?key=top-secret'] as $server) {
    $wrong = failure(fn () => new Options($server));
    echo 'server ', var_export(str_contains($wrong->getMessage(), '@?#'), true), "\n";
}
$proxied = new Options('${away}', curl: [CURLOPT_PROXY => 'http://someone:top-secret@127.0.0.1:none']);
print_r($proxied);
failure(fn () => (new Charon('top-secret', $proxied))->getCron('a-cron'));
$hasty = new Charon('top-secret', new Options('${away}', timeout: 0.5));
$stalled = failure(fn () => $hasty->getCron('stalled'));
if ($stalled instanceof NetworkException) {
    echo 'stalled ', var_export($stalled->isTimeout, true), "\n";
}
failure(fn () => new Charon("top-secret\n", new Options('${away}')));
if ($refused instanceof ApiException && $moved instanceof ApiException) {
    echo "typed {$refused->bodyAs(CharonError::class)->message}\n";
    $untyped = failure(fn () => $moved->bodyAs(CharonError::class));
    echo 'typed ', var_export($untyped instanceof AnswerException, true), "\n";
}
