<?php

declare(strict_types=1);

require 'vendor/autoload.php';

use Tallystick\Eventgrid\{Eventgrid, EventgridSourceCreation, Options};

$project = '0123456789abcdef0123456789abcdef';
$channel = '11111111-1111-4111-8111-111111111111';

$client = new Eventgrid('dev-token', new Options(Options::LOCALHOST));
$source = $client->createEventSource($project, new EventgridSourceCreation(
    name: 'my-php-source',
    channelId: $channel,
));
echo $source->id, "\n";
