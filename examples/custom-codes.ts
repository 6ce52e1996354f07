// Custom codes: an answer with a status of its own choice.
// Try: /buy
import { type Request, Resource } from "weftline";

class PaymentRequired extends Resource {
  override render_GET(request: Request) {
    request.setResponseCode(402);
    request.setHeader("Content-Type", "text/plain; charset=utf-8");
    return "Please swipe your credit card.\n";
  }
}

export default new Resource().putChild("buy", new PaymentRequired());
