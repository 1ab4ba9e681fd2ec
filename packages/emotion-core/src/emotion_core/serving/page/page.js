"use strict";

const text = document.getElementById("text");

text.addEventListener("input", async () => {
  const answer = await fetch("predict", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ text: text.value }),
  });
  document.getElementById("answer").textContent = JSON.stringify(await answer.json(), null, 2);
});
