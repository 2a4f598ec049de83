/* Draws [data-chart] from the json_script it names: {"columns": [name, series…], "rows": [[label, number…], …]}.
   Colours come from the stylesheet; the same numbers stand in the table below each chart. */
"use strict";

const tokens = getComputedStyle(document.documentElement);
const token = (name) => tokens.getPropertyValue(name).trim();
const SERIES = ["--sh-accent", "--sh-line-strong", "--sh-wait", "--sh-good", "--sh-bad"];
const FONT = () => ({ color: token("--sh-quiet"), fontFamily: token("--sh-font"), fontSize: 13 });

function frame(data) {
  return {
    color: SERIES.map(token),
    textStyle: FONT(),
    animation: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
    grid: { left: 8, right: 24, top: data.columns.length > 2 ? 36 : 12, bottom: 8, containLabel: true },
    legend: data.columns.length > 2 ? { top: 0, left: 0, itemWidth: 14, itemHeight: 10, textStyle: FONT() } : undefined,
    tooltip: { trigger: "axis", renderMode: "richText", confine: true },
  };
}
const values = (data, column) => data.rows.map((row) => row[column]);
const labels = (data) => values(data, 0);
const quietAxis = () => ({
  axisLine: { lineStyle: { color: token("--sh-line") } },
  axisTick: { show: false },
  axisLabel: FONT(),
  splitLine: { lineStyle: { color: token("--sh-line") } },
});
// On a phone a long name leaves room for its bar; the table below has it whole.
const shortened = () => ({ ...FONT(), width: window.innerWidth < 600 ? 104 : 240, overflow: "truncate" });
const seriesOf = (data, extra) => data.columns.slice(1).map((name, index) => ({ name, data: values(data, index + 1), ...extra }));

const KINDS = {
  // Counts of distinct things at each step, longest first, as bars from one side: lengths compare, areas do not.
  funnel: (data) => ({
    ...frame(data),
    xAxis: { type: "value", show: false },
    yAxis: { type: "category", inverse: true, data: labels(data), ...quietAxis(), axisLine: { show: false }, axisLabel: shortened() },
    series: seriesOf(data, { type: "bar", barMaxWidth: 26, label: { show: true, position: "right", ...FONT() } }),
  }),
  bars: (data) => ({
    ...frame(data),
    xAxis: { type: "category", data: labels(data), ...quietAxis() },
    yAxis: { type: "value", minInterval: 1, ...quietAxis() },
    series: seriesOf(data, { type: "bar", barMaxWidth: 36 }),
  }),
  line: (data) => ({
    ...frame(data),
    xAxis: { type: "category", boundaryGap: false, data: labels(data), ...quietAxis() },
    yAxis: { type: "value", minInterval: 1, ...quietAxis() },
    series: seriesOf(data, { type: "line", symbolSize: 6, lineStyle: { width: 2 } }),
  }),
  // Shares in percent over a number (days): flat until the next step. Lines also differ by their dashes.
  step: (data) => ({
    ...frame(data),
    // Room for the name of the axis, and on a phone for the second line of the legend.
    grid: { ...frame(data).grid, top: window.innerWidth < 600 ? 60 : 36, bottom: 32 },
    xAxis: { type: "value", name: data.columns[0], nameLocation: "middle", nameGap: 28, minInterval: 1, max: "dataMax", ...quietAxis() },
    yAxis: { type: "value", min: 0, max: 100, ...quietAxis(), axisLabel: { ...FONT(), formatter: "{value}%" } },
    series: data.columns.slice(1).map((name, index) => ({
      name,
      type: "line",
      step: "end",
      showSymbol: false,
      data: data.rows.map((row) => [row[0], row[index + 1]]),
      lineStyle: { width: 2, type: ["solid", "dashed", "dotted", "solid", [10, 3, 2, 3]][index % 5] },
    })),
  }),
};

function draw(element) {
  if (element.dataset.drawn) return;
  element.dataset.drawn = "yes";
  const data = JSON.parse(document.querySelector(element.dataset.source).textContent);
  const chart = window.echarts.init(element);
  chart.setOption(KINDS[element.dataset.chart](data));
  new ResizeObserver(() => chart.resize()).observe(element);
}

function drawAll(root) {
  for (const element of root.querySelectorAll("[data-chart]")) draw(element);
}

drawAll(document);
document.body.addEventListener("htmx:load", (event) => drawAll(event.detail.elt));
