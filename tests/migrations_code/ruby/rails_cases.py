"""A history of Rails migrations, and what Rails 6.1 sends for each, both ways."""

from pathlib import Path

from tests.migrations_code import Ways, plain

RESTS_ON_SCHEMA = ("columns", "tables")
"""Where Rails renames more than it is told to: indexes and sequences whose names it once made itself."""

BODIES = {
    "customers": """
  def change
    create_table :customers do |t|
      t.string :email, limit: 120, null: false, index: { unique: true }
      t.text :bio, default: "it's"
      t.boolean :active, default: true, null: false
      t.integer :small, limit: 2
      t.integer :large, limit: 8, default: 0
      t.bigint :visits
      t.decimal :balance, precision: 12, scale: 2, default: 0.5
      t.decimal :points, precision: 6
      t.numeric :plain
      t.float :score
      t.binary :avatar
      t.date :born
      t.time :wakes
      t.datetime :seen
      t.datetime :exact, precision: 3
      t.timestamp :paid
      t.timestamps
    end
  end""",
    "kinds": """
  def change
    create_table :kinds, id: :uuid, default: -> { "gen_random_uuid()" } do |t|
      t.json :a, default: [1, { b: "it's" }]
      t.jsonb :b, default: {}, null: false
      t.uuid :c, default: "gen_random_uuid()"
      t.inet :d
      t.cidr :e
      t.macaddr :f
      t.interval :g
      t.tsvector :h
      t.int4range :i
      t.int8range :j
      t.numrange :k
      t.tsrange :l
      t.tstzrange :m
      t.daterange :n
      t.point :o
      t.line :p
      t.box :q
      t.bit :r, limit: 8
      t.bit_varying :s
      t.money :t
      t.xml :u
      t.oid :v
      t.string :w, array: true, default: []
      t.integer :x, array: true, default: [1, 2]
      t.column :y, :smallint
      t.column :z, "double precision", default: 1.5
      t.column :when, :timestamptz, default: -> { "now()" }
      t.serial :number
      t.bigserial :big
      t.string :code, collation: "C"
    end
  end""",
    "extensions": """
  def change
    enable_extension "citext"
    enable_extension :hstore
    create_table :docs do |t|
      t.citext :name
      t.hstore :tags
    end
  end""",
    "keys": """
  def change
    create_table :by_code, primary_key: :code, id: :string
    create_table :by_int, id: :integer
    create_table :pairs, primary_key: [:a, :b] do |t|
      t.bigint :a
      t.bigint :b
    end
    create_table :keyless, id: false do |t|
      t.string :a, null: false
      t.index [:a], name: "a_of_keyless", unique: true
    end
    create_table :own_key, id: false do |t|
      t.primary_key :number
    end
    create_table :quiet, unlogged: true
    create_table :more, force: true
    create_table :with_comment, comment: "what it is" do |t|
      t.string :a, comment: "its name"
    end
  end""",
    "lines": """
  def change
    create_table :shops
    create_table :orders do |t|
      t.references :customer, null: false, foreign_key: true
      t.belongs_to :shop, foreign_key: { on_delete: :cascade, name: "to_shop" }, index: false
      t.references :payer, foreign_key: { to_table: :customers, on_update: :restrict, on_delete: :nullify }
      t.references :owner, polymorphic: true, null: false
      t.references :thing, type: :uuid, index: { unique: true, name: "one_thing" }
      t.string :state, default: "new"
      t.decimal :total
      t.text :note
      t.foreign_key :kinds, column: :thing_id
      t.check_constraint "total >= 0", name: "positive"
      t.check_constraint "total < 100"
      t.index :state
      t.index [:state, :total], where: "total > 0"
    end
  end""",
    "columns": """
  def change
    add_column :orders, :region, :string, null: false, default: "eu", limit: 2
    add_column :orders, :tags, :text, array: true, default: []
    add_column :orders, :extra, :jsonb, default: { a: 1 }
    add_column :orders, :remark, :text
    add_column :orders, :about, :string, comment: "free text"
    remove_column :orders, :note, :text
    remove_columns :customers, :bio, :score, type: :text
    rename_column :orders, :region, :area
    rename_column :orders, :state, :stage
    change_column_null :orders, :stage, false
    change_column_null :orders, :total, false, 0.5
    change_column_default :orders, :stage, from: "new", to: "draft"
    change_column_default :orders, :total, from: nil, to: 1.5
    change_column_comment :orders, :about, from: "free text", to: "words"
    change_table_comment :orders, from: nil, to: "of customers"
  end""",
    "changed": """
  def up
    change_column :orders, :total, :decimal, precision: 14, scale: 4
    change_column :orders, :stage, :text, default: nil, null: true
    change_column :orders, :area, :string, limit: 10, default: "us", null: false
    change_column :customers, :small, :bigint, using: "small::bigint"
    change_column_default :orders, :total, nil
    change_column_default :orders, :about, "x"
  end

  def down
    change_column :orders, :total, :decimal
    change_column :orders, :stage, :string, default: "draft", null: false
    change_column :orders, :area, :string, limit: 2
    change_column :customers, :small, :integer, limit: 2
    change_column_default :orders, :total, 1.5
    change_column_default :orders, :about, nil
  end""",
    "indexes": """
  def change
    add_index :orders, :area
    add_index :orders, [:area, :total], unique: true, name: "area_total"
    add_index :orders, "lower(remark)", name: "low"
    add_index :orders, "lower(area)"
    add_index :orders, "(lower(area)), total"
    add_index :orders, :tags, using: :gin
    add_index :orders, [:total, :stage], order: { total: :desc, stage: "DESC NULLS LAST" }
    add_index :orders, :about, opclass: :text_pattern_ops, where: "about IS NOT NULL"
    add_index :orders, [:about, :area], opclass: { about: :varchar_pattern_ops }, name: "patterns"
    rename_index :orders, "area_total", "area_and_total"
    remove_index :orders, :area
    remove_index :orders, column: [:total, :stage], order: { total: :desc, stage: "DESC NULLS LAST" }
    remove_index :orders, [:about, :area], name: "patterns"
  end""",
    "apart": """
  disable_ddl_transaction!

  def change
    add_index :orders, :shop_id, algorithm: :concurrently
    add_index :customers, :active, algorithm: :concurrently
    remove_index :orders, :payer_id, algorithm: :concurrently
    add_reference :orders, :seller, index: { algorithm: :concurrently }, foreign_key: { to_table: :customers, validate: false }
    validate_foreign_key :orders, column: :seller_id
  end""",
    "constraints": """
  def change
    add_foreign_key :kinds, :customers, column: :number, validate: false
    validate_foreign_key :kinds, column: :number
    add_foreign_key :kinds, :by_code, column: :code, primary_key: :code, name: "to_code", on_delete: :restrict
    validate_constraint :kinds, "to_code"
    add_check_constraint :customers, "small > 0", name: "small_positive", validate: false
    validate_check_constraint :customers, name: "small_positive"
    add_check_constraint :customers, "large > 0"
    remove_foreign_key :orders, :shops, name: "to_shop", on_delete: :cascade
    remove_foreign_key :orders, column: :payer_id, to_table: :customers
    remove_check_constraint :orders, "total >= 0", name: "positive"
  end""",
    "references": """
  def change
    add_reference :orders, :driver, foreign_key: { to_table: :customers }, null: true
    add_belongs_to :orders, :depot, index: false
    add_reference :docs, :subject, polymorphic: true, index: { name: "by_subject" }
    remove_reference :orders, :owner, polymorphic: true, null: false
    remove_reference :orders, :customer, foreign_key: true
  end""",
    "tables": """
  def change
    rename_table :docs, :papers
    change_table :shops do |t|
      t.string :city
      t.integer :rank, default: 1
      t.references :parent, foreign_key: { to_table: :shops }
      t.index :city
      t.timestamps null: true
      t.rename :rank, :place
      t.change_default :place, from: 1, to: 2
      t.change_null :place, false
    end
    create_join_table :shops, :customers
    create_join_table :kinds, :papers, table_name: :shelf, column_options: { null: true } do |t|
      t.index [:kind_id, :paper_id], unique: true
      t.index :paper_id
    end
    create_table :temps do |t|
      t.string :a
    end
    drop_table :temps do |t|
      t.string :a
    end
    drop_join_table :shops, :customers
    add_timestamps :by_int, default: -> { "now()" }
    remove_timestamps :customers
  end""",
    "bulk": """
  def up
    change_table :by_code, bulk: true do |t|
      t.string :street, null: false, default: ""
      t.change :code, :text
      t.column :zip, :string
      t.index :zip
      t.timestamps null: true
    end
  end

  def down
    change_table :by_code, bulk: true do |t|
      t.remove_index :zip
      t.remove :street, :zip
      t.remove_timestamps
      t.change :code, :string
    end
  end""",
    "both": """
  def change
    reversible do |dir|
      dir.up { execute "CREATE VIEW shown AS SELECT 1 AS one" }
      dir.down { execute "DROP VIEW shown" }
    end
    up_only { execute "UPDATE orders SET about = 'y'" }
    add_column :orders, :last, :string
    reversible do |dir|
      dir.up do
        execute <<~SQL
          UPDATE orders SET last = 'z'
        SQL
      end
    end
    revert do
      create_table :quiet
    end
  end""",
    "of_six": """
  def change
    create_table :sixes do |t|
      t.references :owner, polymorphic: true
      t.references :shop
      t.timestamps
    end
    add_reference :sixes, :thing, polymorphic: true
    add_column :sixes, :seen, :datetime
  end""",
    "of_five": """
  def up
    create_table :fives do |t|
      t.references :shop, foreign_key: true
      t.text :note
      t.timestamps
    end
    add_timestamps :keyless
    change_column :fives, :note, :string, default: "a", null: false
  end

  def down
    remove_timestamps :keyless
    drop_table :fives
  end""",
    "of_old": """
  def change
    enable_extension "uuid-ossp"
    create_table :olds, id: :uuid do |t|
      t.references :shop, index: true
      t.timestamps
    end
    create_table :elders do |t|
      t.references :old, type: :uuid
    end
    create_join_table :olds, :elders
    add_reference :olds, :elder, foreign_key: true
    add_column :keyless, :number, :primary_key
  end""",
    "of_oldest": """
  def change
    create_table :ancients do |t|
      t.references :shop
      t.timestamps
    end
    add_reference :ancients, :old
    add_timestamps :elders
  end""",
}
VERSIONS = {"of_six": "6.0", "of_five": "5.1", "of_old": "5.0", "of_oldest": "4.2"}
"""The versions of migrations that follow an older Rails than the one that runs them."""
FILES = {
    f"db/migrate/{20260301100000 + number}_{label}.rb": (
        f"class {label.title().replace('_', '')} < ActiveRecord::Migration[{VERSIONS.get(label, '6.1')}]{body}\nend\n"
    )
    for number, (label, body) in enumerate(BODIES.items())
}


def label_of(path: str) -> str:
    """Return the words in a file's name."""
    return path.partition("_")[2].removesuffix(".rb")


def recorded() -> dict[str, Ways]:
    """Return what Rails has sent for each migration, by its label."""
    text = Path(__file__).with_name("rails_sent.sql").read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    for section in text.split("\n-- ")[1:]:
        title, _, statements = section.partition("\n")
        found[title] = plain(statements)
    return {label: Ways(found[f"{label} up"], found[f"{label} down"]) for label in BODIES}
