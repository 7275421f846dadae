<?php

echo 'A project of its own.';
