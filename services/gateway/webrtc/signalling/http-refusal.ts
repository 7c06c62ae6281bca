/** A refusal whose HTTP status RFC 9725 fixes and no gRPC status stands for; the server's error handler gives it its body. */
export class HttpRefusal extends Error {
  override readonly name = "HttpRefusal";
  /** 4xx. */
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}
