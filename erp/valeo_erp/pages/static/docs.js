// Starts Swagger UI on /docs. A file of its own, because the page allows no script inside itself.
"use strict";

const place = document.getElementById("api");
SwaggerUIBundle({
  url: place.dataset.openapi,
  domNode: place,
  deepLinking: true,
  validatorUrl: null, // asks a server elsewhere
});
