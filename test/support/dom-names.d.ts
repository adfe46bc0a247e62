/** Names of the DOM's in the types of `@statelyai/inspect`, which is used without a browser here. */
interface Window {
  readonly name: string;
}
interface HTMLIFrameElement {
  readonly name: string;
}
