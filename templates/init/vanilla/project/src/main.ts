document.querySelector('#app')?.append('A project of its own.');
