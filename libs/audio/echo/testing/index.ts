export { type RoomOptions, roomEcho } from "./room-echo.ts";
