<?php

declare(strict_types=1);

require 'vendor/autoload.php';

use Tallystick\Eventgrid\{AccessKey, ApiException, Eventgrid, EventgridChannelCreation, Options};

const PROJECT = '0123456789abcdef0123456789abcdef';

$client = new Eventgrid('', new Options('${server}', accessKey: new AccessKey('DEVAK', 'DEVSK')));
$channel = new EventgridChannelCreation(name: 'signed-by-php', description: 'Signé');
echo 'made ', $client->createEventChannel(PROJECT, $channel)->name, "\n";
echo 'listed ', $client->listEventChannels(PROJECT, sort: 'name:ASC', fuzzyName: 'é ~*')->total, "\n";
$wrong = new Eventgrid('', new Options('${server}', accessKey: new AccessKey('DEVAK', 'top-secret')));
try {
    $wrong->listEventChannels(PROJECT);
} catch (ApiException $e) {
    echo "refused {$e->status}\n";
    echo $e, print_r($wrong, true), var_export($e->getTrace(), true);
}
