"use strict";
// Each event is the page's body as it is now. The browser connects again by itself.
const events = new EventSource("events");
const say = (text) => { const live = document.getElementById("live"); if (live) live.textContent = text; };
events.onmessage = (event) => { document.getElementById("body").innerHTML = JSON.parse(event.data); };
events.onerror = () => say("not live: azswarm does not answer, trying again");
events.onopen = () => say("live");
