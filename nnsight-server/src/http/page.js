new EventSource('/live').onmessage = event => { document.getElementById('live').innerHTML = event.data; };
