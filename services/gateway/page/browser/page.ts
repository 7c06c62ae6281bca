import { optionsFromQuery } from "./call-options.ts";
import { mount } from "./mount.ts";
import { keepRecord } from "./record.ts";

const target = document.getElementById("app");
if (target) keepRecord(mount(target, optionsFromQuery(new URLSearchParams(location.search))));
