import "./font.css";
import "./tokens.css";
import "./base.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { desk } from "./desk.svelte";
import { followSystem } from "./theme.svelte";

if (import.meta.env.MODE === "mock") (await import("./ipc/mock")).installMock();

followSystem();
const target = document.getElementById("desk");
if (target) mount(App, { target });
void desk.start();
