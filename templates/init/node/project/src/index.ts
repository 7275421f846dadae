console.log('A project of its own.');
