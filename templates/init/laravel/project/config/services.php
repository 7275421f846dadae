<?php

return [

    'postmark' => [
        'key' => env('POSTMARK_API_KEY'),
    ],

];
