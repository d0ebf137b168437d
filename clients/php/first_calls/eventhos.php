<?php

declare(strict_types=1);

require 'vendor/autoload.php';

use Tallystick\Eventhos\{Eventhos, EventhosCredentials, Options};

$options = new Options(Options::LOCALHOST);
$anybody = new Eventhos('', $options);
$token = $anybody->createToken(new EventhosCredentials(
    grantType: 'client_credentials',
    clientId: 'dev-client',
    clientSecret: 'dev-secret',
));

$client = new Eventhos($token->content->accessToken, $options);
$received = $client->sendEvent(['name' => 'Morpheush'], eventIdentifier: 'new-bomb-k736k3hiW7');
echo $received->message, "\n";
