export { describeHardware } from "./hardware.ts";
export { step } from "./progress.ts";
export { type Aim, documentReport, printReport, type Report, type ReportTable, saveReport } from "./report.ts";
export { formatSpread, median, quantile, type Spread, spreadOf } from "./statistics.ts";
export { formatTable, printTable } from "./table.ts";
