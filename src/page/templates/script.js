"use strict";
// Everything on the page can be read without this script: it adds search, sorting, and the memory of the language.
{
  const english = document.getElementById("en");
  const chinese = document.getElementById("zh");
  const remembered = {
    // A browser may forbid to remember anything, above all for files.
    get() { try { return localStorage.getItem("gongkai.language"); } catch { return null; } },
    set(language) { try { localStorage.setItem("gongkai.language", language); } catch { /* it is asked again next time */ } },
  };
  const isEnglish = () => english.checked;
  const say = (zh, en) => {
    const text = document.createDocumentFragment();
    for (const [name, words] of [["z", zh], ["e", en]]) {
      const span = document.createElement("span");
      span.className = name;
      if (name === "e") span.lang = "en";
      span.textContent = words;
      text.append(span);
    }
    return text;
  };

  const wanted = remembered.get() ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
  (wanted === "en" ? english : chinese).checked = true;
  for (const choice of [english, chinese]) {
    choice.addEventListener("change", () => remembered.set(isEnglish() ? "en" : "zh"));
  }

  // What is linked to is shown.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let at = target; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") at.open = true;
    }
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  if (location.hash) reveal();

  // Print shows everything.
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details:not([open])")) {
      details.open = true;
      details.dataset.printed = "";
    }
  });
  addEventListener("afterprint", () => {
    for (const details of document.querySelectorAll("details[data-printed]")) {
      details.open = false;
      delete details.dataset.printed;
    }
  });

  // Tables that are sorted by a click on a head.
  const shown = (cell) => {
    if (!cell) return "";
    if (cell.dataset.value) return cell.dataset.value;
    const copy = cell.cloneNode(true);
    for (const other of copy.querySelectorAll(isEnglish() ? ".z" : ".e")) other.remove();
    return copy.textContent.trim();
  };
  const number = (text) => {
    const value = parseFloat(text.replaceAll(",", ""));
    return Number.isNaN(value) ? -Infinity : value;
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    const body = table.tBodies[0];
    for (const head of table.tHead.querySelectorAll("th[data-sort]")) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const isAscending = head.getAttribute("aria-sort") !== "ascending";
        for (const other of table.tHead.querySelectorAll("[aria-sort]")) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", isAscending ? "ascending" : "descending");
        const isNumber = head.dataset.sort === "number";
        const keyed = [...body.rows].map((row) => {
          const text = shown(row.cells[head.cellIndex]);
          return [isNumber ? number(text) : text, row];
        });
        const compare = isNumber ? (one, two) => one - two : new Intl.Collator(isEnglish() ? "en" : "zh").compare;
        keyed.sort(([one], [two]) => (isAscending ? compare(one, two) : compare(two, one)));
        body.append(...keyed.map(([, row]) => row));
      });
    }
  }

  // Tables that are searched.
  for (const table of document.querySelectorAll("table[data-searchable]")) {
    const box = document.createElement("div");
    box.className = "find";
    const label = document.createElement("label");
    label.append(say("查找：", "Search: "));
    const input = document.createElement("input");
    input.type = "search";
    input.id = `${table.id}-find`;
    label.htmlFor = input.id;
    const said = document.createElement("span");
    said.setAttribute("role", "status");
    box.append(label, input, said);
    table.closest(".scroll").before(box);
    const rows = [...table.tBodies[0].rows].map((row) => [row, row.textContent.toLowerCase()]);
    const find = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let found = 0;
      for (const [row, text] of rows) {
        row.hidden = !words.every((word) => text.includes(word));
        if (!row.hidden) found += 1;
      }
      said.replaceChildren(say(`${found} / ${rows.length} 行`, `${found} of ${rows.length} rows`));
    };
    input.addEventListener("input", find);
    find();
  }

  // The section being read is marked in the contents.
  const links = new Map();
  for (const link of document.querySelectorAll(".bar nav a[href^='#']")) links.set(link.hash.slice(1), link);
  const sections = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const link = links.get(entry.target.getAttribute("aria-labelledby"));
      if (!link) continue;
      if (entry.isIntersecting) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }, { rootMargin: "-20% 0px -75% 0px" });
  for (const section of document.querySelectorAll("main > section")) sections.observe(section);

  // Examples are copied by a click, where the browser allows it.
  if (navigator.clipboard) {
    for (const code of document.querySelectorAll(".loads pre")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.append(say("复制", "Copy"));
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(code.querySelector("code").textContent);
        button.replaceChildren(say("已复制", "Copied"));
      });
      code.before(button);
    }
  }
}
