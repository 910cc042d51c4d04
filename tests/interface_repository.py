"""A repository with services, descriptions of what they exchange, and code that uses these."""

ORDERS_API = """\
openapi: 3.0.3
info: {title: Orders, version: 1.0.0}
paths:
  /orders/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200":
          description: one
          content:
            application/json: {schema: {type: object, properties: {state: {type: string, enum: [open]}}}}
  /orders/{id}/parts:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: one}}
"""
FEWER_ORDERS_API = ORDERS_API.partition("  /orders/{id}/parts")[0]
ORDERS_EVENTS = """\
asyncapi: 3.0.0
info: {title: Events of orders, version: 1.0.0}
channels:
  placed:
    address: shop.orders.placed
    messages:
      placed: {payload: {type: object, properties: {id: {type: integer}}}}
operations:
  sendPlaced: {action: send, channel: {$ref: "#/channels/placed"}}
"""
MAILER_EVENTS = """\
asyncapi: 2.6.0
info: {title: Mailer, version: 1.0.0}
channels:
  shop.orders.placed:
    publish:
      message: {payload: {$ref: ../../events/order_placed.avsc}}
"""
ORDER_PLACED = """\
{
  "type": "record",
  "name": "OrderPlaced",
  "fields": [
    {"name": "id", "type": "long"},
    {"name": "note", "type": "string"}
  ]
}
"""
SHOP_PROTO = """\
syntax = "proto3";
package shop.v1;
message PartList { repeated string names = 1; }
service OrderLookup { rpc Look(PartList) returns (PartList); }
"""
COMPOSE = """\
services:
  orders: {build: services/orders}
  billing: {build: services/billing}
  mailer:
    build: services/mailer
    environment:
      ORDERS_URL: http://orders:8080
  postgres: {image: "postgres:17"}
"""
FILES = {
    "compose.yaml": COMPOSE,
    "events/order_placed.avsc": ORDER_PLACED,
    "services/billing/src/client.ts": "export const parts = (id) => get(`/orders/${id}/parts`);\n",
    "services/mailer/asyncapi.yaml": MAILER_EVENTS,
    "services/mailer/Handler.java": "class Handler { void on(OrderPlaced e) { new OrderLookupStub(e); } }\n",
    "services/orders/asyncapi.yaml": ORDERS_EVENTS,
    "services/orders/openapi.yaml": ORDERS_API,
    "services/orders/routes.py": '@app.get("/orders/{id}/parts")\ndef parts(id): ...\n',
    "services/orders/shop.proto": SHOP_PROTO,
}
