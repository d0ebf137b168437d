CREATE TABLE alarms (
	name TEXT NOT NULL, 
	type TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	content TEXT NOT NULL, 
	since BIGINT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE attempts (
	delivery_id TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	started BIGINT NOT NULL, 
	ended BIGINT NOT NULL, 
	outcome TEXT NOT NULL, 
	status INTEGER, 
	record TEXT NOT NULL, 
	PRIMARY KEY (delivery_id, number)
)
 WITHOUT ROWID

;
CREATE TABLE audit_entries (
	id TEXT NOT NULL, 
	time BIGINT NOT NULL, 
	key_id TEXT NOT NULL, 
	key_name TEXT NOT NULL, 
	operation TEXT NOT NULL, 
	target TEXT NOT NULL, 
	address TEXT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE charon_crons (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	slug TEXT NOT NULL, 
	name TEXT NOT NULL, 
	active BOOLEAN NOT NULL, 
	schedule TEXT, 
	timezone TEXT NOT NULL, 
	grace_s INTEGER NOT NULL, 
	max_runtime_s INTEGER, 
	overlap BOOLEAN NOT NULL, 
	created BIGINT NOT NULL, 
	since BIGINT NOT NULL, 
	state TEXT NOT NULL, 
	state_since BIGINT NOT NULL, 
	check_at BIGINT, every TEXT, early_s INTEGER, min_interval_s INTEGER, min_runtime_s INTEGER, failure_threshold INTEGER DEFAULT '1' NOT NULL, reminder_s INTEGER, muted_until BIGINT, told_state TEXT DEFAULT 'on_time' NOT NULL, told_at BIGINT DEFAULT '0' NOT NULL, run_changes BIGINT DEFAULT '0' NOT NULL, 
	UNIQUE (slug)
);
CREATE TABLE charon_executions (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	cron_id BIGINT NOT NULL, 
	started BIGINT NOT NULL, 
	ended BIGINT, 
	success BOOLEAN, overrun_at BIGINT DEFAULT '0' NOT NULL, lease_until BIGINT, lost BOOLEAN DEFAULT 0 NOT NULL, exit_code INTEGER, 
	FOREIGN KEY(cron_id) REFERENCES charon_crons (id) ON DELETE CASCADE
);
CREATE TABLE charon_messages (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	execution_id BIGINT NOT NULL, 
	type TEXT NOT NULL, 
	message TEXT NOT NULL, 
	time BIGINT NOT NULL, 
	FOREIGN KEY(execution_id) REFERENCES charon_executions (id) ON DELETE CASCADE
);
CREATE TABLE dead_letters (
	id TEXT NOT NULL, 
	time BIGINT NOT NULL, 
	api TEXT NOT NULL, 
	tenant TEXT NOT NULL, 
	source TEXT NOT NULL, 
	queue TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	properties TEXT NOT NULL, 
	body BLOB NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE deliveries (
	id TEXT NOT NULL, 
	event_id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	target TEXT NOT NULL, 
	endpoint TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	followed SMALLINT NOT NULL, 
	state TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	tries INTEGER NOT NULL, 
	retried SMALLINT NOT NULL, 
	due BIGINT NOT NULL, 
	owner TEXT NOT NULL, 
	until BIGINT NOT NULL, 
	detail TEXT NOT NULL, tenant TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id)
)
 WITHOUT ROWID

;
CREATE TABLE delivery_targets (
	kind TEXT NOT NULL, 
	target TEXT NOT NULL, 
	failing_since BIGINT, 
	off BIGINT, 
	reason TEXT NOT NULL, 
	PRIMARY KEY (kind, target)
);
CREATE TABLE done_calls (
	id TEXT NOT NULL, 
	caller TEXT NOT NULL, 
	time BIGINT NOT NULL, 
	request TEXT NOT NULL, 
	outcome BLOB NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE event_digest_groups (
	first TEXT NOT NULL, 
	streams BLOB, 
	subjects BLOB, 
	PRIMARY KEY (first)
);
CREATE TABLE event_digests (
	first TEXT NOT NULL, 
	streams BLOB, 
	subjects BLOB, number INTEGER, 
	PRIMARY KEY (first)
);
CREATE TABLE eventgrid_access_keys (
	access_key TEXT NOT NULL, 
	key_id TEXT NOT NULL, 
	secret_key TEXT NOT NULL, 
	PRIMARY KEY (access_key), 
	FOREIGN KEY(key_id) REFERENCES keys (id)
);
CREATE TABLE eventgrid_arrivals (
	root TEXT NOT NULL, 
	channel_id TEXT NOT NULL, 
	carrier TEXT NOT NULL, 
	event_id TEXT NOT NULL, 
	PRIMARY KEY (root, channel_id), 
	FOREIGN KEY(event_id) REFERENCES events (id) ON DELETE CASCADE
);
CREATE TABLE eventgrid_channels (
	id TEXT NOT NULL, 
	project TEXT NOT NULL, 
	name TEXT NOT NULL, 
	description TEXT NOT NULL, 
	enterprise_project_id TEXT NOT NULL, 
	created BIGINT NOT NULL, 
	updated BIGINT NOT NULL, policy TEXT, 
	PRIMARY KEY (id), 
	CONSTRAINT eventgrid_channels_by_name UNIQUE (project, name)
);
CREATE TABLE eventgrid_consumers (
	source_id TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	until BIGINT NOT NULL, 
	reason TEXT NOT NULL, 
	PRIMARY KEY (source_id), 
	FOREIGN KEY(source_id) REFERENCES eventgrid_sources (id) ON DELETE CASCADE
);
CREATE TABLE eventgrid_sources (
	id TEXT NOT NULL, 
	project TEXT NOT NULL, 
	name TEXT NOT NULL, 
	description TEXT NOT NULL, 
	provider_type TEXT NOT NULL, 
	event_types TEXT NOT NULL, 
	channel_id TEXT, 
	type TEXT NOT NULL, 
	detail TEXT, 
	created BIGINT NOT NULL, 
	updated BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT eventgrid_sources_by_name UNIQUE (project, name), 
	FOREIGN KEY(channel_id) REFERENCES eventgrid_channels (id)
);
CREATE TABLE eventgrid_subscriptions (
	id TEXT NOT NULL, 
	project TEXT NOT NULL, 
	name TEXT NOT NULL, 
	description TEXT NOT NULL, 
	channel_id TEXT, 
	status TEXT NOT NULL, 
	sources TEXT NOT NULL, 
	targets TEXT NOT NULL, 
	created BIGINT NOT NULL, 
	updated BIGINT NOT NULL, destinations TEXT, 
	PRIMARY KEY (id), 
	CONSTRAINT eventgrid_subscriptions_by_name UNIQUE (project, name), 
	FOREIGN KEY(channel_id) REFERENCES eventgrid_channels (id)
);
CREATE TABLE eventgrid_traces (
	id TEXT NOT NULL, 
	subscription_id TEXT NOT NULL, 
	project TEXT NOT NULL, 
	channel_id TEXT NOT NULL, 
	event_id TEXT NOT NULL, 
	source TEXT NOT NULL, 
	type TEXT NOT NULL, 
	subscription TEXT NOT NULL, 
	received BIGINT NOT NULL, 
	PRIMARY KEY (id, subscription_id), 
	FOREIGN KEY(id) REFERENCES events (id) ON DELETE CASCADE
);
CREATE TABLE eventgrid_usage (
	project TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	used INTEGER NOT NULL, 
	quota INTEGER NOT NULL, 
	PRIMARY KEY (project, kind), 
	CONSTRAINT eventgrid_usage_within_quota CHECK (used BETWEEN 0 AND quota)
);
CREATE TABLE eventhos_actions (
	id INTEGER NOT NULL, 
	system_id INTEGER NOT NULL, 
	identifier TEXT NOT NULL, 
	name TEXT NOT NULL, 
	operation TEXT NOT NULL, 
	description TEXT NOT NULL, 
	endpoint TEXT NOT NULL, 
	call TEXT NOT NULL, 
	created BIGINT NOT NULL, 
	deleted BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(system_id) REFERENCES eventhos_systems (id), 
	UNIQUE (identifier)
);
CREATE TABLE eventhos_applications (
	id INTEGER NOT NULL, 
	identifier TEXT NOT NULL, 
	created BIGINT NOT NULL, 
	deleted BIGINT, 
	PRIMARY KEY (id)
);
CREATE TABLE eventhos_clients (
	id TEXT NOT NULL, 
	identifier TEXT NOT NULL, 
	name TEXT NOT NULL, 
	description TEXT NOT NULL, 
	secret_digest TEXT NOT NULL, 
	token_digest TEXT, 
	dev BOOLEAN NOT NULL, 
	created BIGINT NOT NULL, 
	revoked BIGINT, 
	deleted BIGINT, subject_id INTEGER, sealed_secret TEXT, 
	PRIMARY KEY (id), 
	UNIQUE (identifier)
);
CREATE TABLE eventhos_contracts (
	id INTEGER NOT NULL, 
	event_id INTEGER NOT NULL, 
	action_id INTEGER, 
	identifier TEXT NOT NULL, 
	name TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	active BOOLEAN NOT NULL, 
	mail_recipients_on_error TEXT NOT NULL, 
	created BIGINT NOT NULL, 
	deleted BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(event_id) REFERENCES eventhos_events (id), 
	UNIQUE (identifier)
);
CREATE TABLE eventhos_events (
	id INTEGER NOT NULL, 
	system_id INTEGER NOT NULL, 
	identifier TEXT NOT NULL, 
	name TEXT NOT NULL, 
	operation TEXT NOT NULL, 
	description TEXT NOT NULL, 
	created BIGINT NOT NULL, 
	deleted BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(system_id) REFERENCES eventhos_systems (id), 
	UNIQUE (identifier)
);
CREATE TABLE eventhos_people (
	id TEXT NOT NULL, 
	username TEXT NOT NULL, 
	password_digest TEXT NOT NULL, 
	dev BOOLEAN NOT NULL, 
	created BIGINT NOT NULL, subject_id INTEGER, name TEXT DEFAULT '' NOT NULL, description TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (username)
);
CREATE TABLE eventhos_permissions (
	id INTEGER NOT NULL, 
	resource_id INTEGER NOT NULL, 
	identifier TEXT NOT NULL, 
	created BIGINT NOT NULL, 
	deleted BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(resource_id) REFERENCES eventhos_resources (id)
);
CREATE TABLE eventhos_resources (
	id INTEGER NOT NULL, 
	application_id INTEGER NOT NULL, 
	identifier TEXT NOT NULL, 
	created BIGINT NOT NULL, 
	deleted BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(application_id) REFERENCES eventhos_applications (id)
);
CREATE TABLE eventhos_role_permissions (
	role_id INTEGER NOT NULL, 
	permission_id INTEGER NOT NULL, 
	PRIMARY KEY (role_id, permission_id), 
	FOREIGN KEY(role_id) REFERENCES eventhos_roles (id), 
	FOREIGN KEY(permission_id) REFERENCES eventhos_permissions (id)
);
CREATE TABLE eventhos_roles (
	id INTEGER NOT NULL, 
	identifier TEXT NOT NULL, 
	created BIGINT NOT NULL, 
	deleted BIGINT, 
	PRIMARY KEY (id)
);
CREATE TABLE eventhos_signing_keys (
	id INTEGER NOT NULL, 
	"key" BLOB NOT NULL, sealed_key TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE eventhos_subject_roles (
	subject_id INTEGER NOT NULL, 
	role_id INTEGER NOT NULL, 
	PRIMARY KEY (subject_id, role_id), 
	FOREIGN KEY(subject_id) REFERENCES eventhos_subjects (id), 
	FOREIGN KEY(role_id) REFERENCES eventhos_roles (id)
);
CREATE TABLE eventhos_subjects (
	id INTEGER NOT NULL, 
	created BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE eventhos_systems (
	id INTEGER NOT NULL, 
	client_id TEXT, 
	system_class TEXT NOT NULL, 
	identifier TEXT NOT NULL, 
	name TEXT NOT NULL, 
	type TEXT NOT NULL, 
	description TEXT NOT NULL, 
	created BIGINT NOT NULL, 
	deleted BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(client_id) REFERENCES eventhos_clients (id), 
	UNIQUE (identifier)
);
CREATE TABLE events (
	id TEXT NOT NULL, 
	api TEXT NOT NULL, 
	source TEXT NOT NULL, 
	type TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	time BIGINT NOT NULL, 
	data BLOB NOT NULL, 
	attributes TEXT NOT NULL, 
	PRIMARY KEY (id)
)
 WITHOUT ROWID

;
CREATE TABLE ingested (
	"key" BLOB NOT NULL, 
	time BIGINT NOT NULL, 
	PRIMARY KEY ("key")
)
 WITHOUT ROWID

;
CREATE TABLE key_uses (
	key_id TEXT NOT NULL, 
	measure TEXT NOT NULL, 
	ends BIGINT NOT NULL, 
	used BIGINT NOT NULL, 
	PRIMARY KEY (key_id, measure, ends)
);
CREATE TABLE keyastrom_attributes (
	name_folded TEXT NOT NULL, 
	value TEXT NOT NULL, 
	entity_id TEXT NOT NULL, 
	name TEXT NOT NULL, "key" TEXT DEFAULT '' NOT NULL, kind TEXT DEFAULT 'String' NOT NULL, 
	PRIMARY KEY (name_folded, value, entity_id)
)
 WITHOUT ROWID

;
CREATE TABLE keyastrom_comments (
	id INTEGER NOT NULL, 
	event_id BIGINT NOT NULL, 
	created_ms BIGINT NOT NULL, 
	content TEXT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE keyastrom_entities (
	id TEXT NOT NULL, 
	type TEXT NOT NULL, 
	name TEXT NOT NULL, 
	name_folded TEXT NOT NULL, 
	first_seen BIGINT NOT NULL, 
	last_seen BIGINT, properties TEXT DEFAULT '{}' NOT NULL, icon TEXT, name_key TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id)
)
 WITHOUT ROWID

;
CREATE TABLE keyastrom_events (
	id INTEGER NOT NULL, 
	entity_id TEXT NOT NULL, 
	type TEXT NOT NULL, 
	start_ms BIGINT NOT NULL, 
	end_ms BIGINT NOT NULL, 
	content TEXT NOT NULL, marks TEXT DEFAULT '' NOT NULL, title_folded TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE keyastrom_page_keys (
	id INTEGER NOT NULL, 
	secret TEXT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE keyastrom_problems (
	digest TEXT NOT NULL, 
	event_id BIGINT, 
	PRIMARY KEY (digest)
)
 WITHOUT ROWID

;
CREATE TABLE keyastrom_relationships (
	from_id TEXT NOT NULL, 
	name_folded TEXT NOT NULL, 
	to_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	PRIMARY KEY (from_id, name_folded, to_id)
)
 WITHOUT ROWID

;
CREATE TABLE keyastrom_tags (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	context TEXT NOT NULL, 
	entity_id TEXT NOT NULL, 
	PRIMARY KEY ("key", value, context, entity_id)
)
 WITHOUT ROWID

;
CREATE TABLE keyastrom_zones (
	id TEXT NOT NULL, 
	entity_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	PRIMARY KEY (id, entity_id)
)
 WITHOUT ROWID

;
CREATE TABLE keys (
	id TEXT NOT NULL, 
	api TEXT NOT NULL, 
	name TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	scopes TEXT NOT NULL, 
	project TEXT, 
	dev BOOLEAN NOT NULL, 
	created BIGINT NOT NULL, 
	revoked BIGINT, expires BIGINT, used BIGINT, limits TEXT, 
	PRIMARY KEY (id), 
	CONSTRAINT keys_by_digest UNIQUE (api, digest)
);
CREATE TABLE late_events (
	id TEXT NOT NULL, 
	PRIMARY KEY (id)
)
 WITHOUT ROWID

;
CREATE TABLE rabbitmq_instances (
	id TEXT NOT NULL, 
	address TEXT NOT NULL, 
	updated BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE resources (
	api TEXT NOT NULL, 
	collection TEXT NOT NULL, 
	id TEXT NOT NULL, 
	position TEXT NOT NULL, 
	body BLOB, 
	PRIMARY KEY (api, collection, id)
);
CREATE TABLE revisions (
	name TEXT NOT NULL, 
	revision BIGINT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE sessions (
	digest TEXT NOT NULL, 
	key_id TEXT NOT NULL, 
	created BIGINT NOT NULL, 
	expires BIGINT NOT NULL, 
	PRIMARY KEY (digest)
);
CREATE TABLE subscriptions (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	sink TEXT NOT NULL, 
	mode TEXT NOT NULL, 
	filters TEXT NOT NULL, 
	active BOOLEAN NOT NULL, 
	secrets TEXT NOT NULL, 
	created BIGINT NOT NULL, kind TEXT DEFAULT 'webhook' NOT NULL, options TEXT DEFAULT '{}' NOT NULL, sealed_options TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id)
);
DELETE FROM "sqlite_sequence";
CREATE INDEX audit_entries_by_key ON audit_entries (key_id, id);
CREATE INDEX audit_entries_by_operation ON audit_entries (operation, id);
CREATE INDEX charon_crons_by_check ON charon_crons (check_at);
CREATE INDEX charon_executions_by_cron ON charon_executions (cron_id, id);
CREATE INDEX charon_executions_by_end ON charon_executions (cron_id, ended);
CREATE INDEX charon_executions_open ON charon_executions (cron_id, overrun_at) WHERE ended IS NULL;
CREATE INDEX charon_messages_by_execution ON charon_messages (execution_id, id);
CREATE INDEX deliveries_ended ON deliveries (state, id, kind) WHERE state IN ('waiting', 'done', 'cancelled');
CREATE INDEX deliveries_kept ON deliveries (state, id) WHERE state IN ('leased', 'held', 'dead');
CREATE INDEX deliveries_of_contracts ON deliveries (state, target, id, kind) WHERE kind = 'eventhos';
CREATE INDEX deliveries_pending ON deliveries (tenant, endpoint, retried, due) WHERE state = 'pending';
CREATE INDEX deliveries_pending_ids ON deliveries (id) WHERE state = 'pending';
CREATE INDEX deliveries_tried ON deliveries (id) WHERE state = 'pending' AND attempts > 0;
CREATE INDEX done_calls_by_caller ON done_calls (caller, time);
CREATE INDEX done_calls_by_time ON done_calls (time);
CREATE INDEX event_digest_groups_open ON event_digest_groups (first) WHERE streams IS NULL;
CREATE INDEX event_digests_counted ON event_digests (first, number);
CREATE INDEX event_digests_open ON event_digests (first) WHERE streams IS NULL;
CREATE INDEX eventgrid_arrivals_by_event ON eventgrid_arrivals (event_id);
CREATE INDEX eventgrid_sources_by_channel ON eventgrid_sources (channel_id);
CREATE INDEX eventgrid_subscriptions_by_channel ON eventgrid_subscriptions (channel_id);
CREATE INDEX eventgrid_traces_by_channel ON eventgrid_traces (project, channel_id, received);
CREATE INDEX eventgrid_traces_by_event ON eventgrid_traces (project, event_id, id) WHERE length(event_id) <= 512;
CREATE INDEX eventgrid_traces_by_long_event ON eventgrid_traces (project, id) WHERE length(event_id) > 512;
CREATE INDEX eventhos_received ON events (api, id, type) WHERE api = 'eventhos';
CREATE INDEX ingested_by_time ON ingested (time);
CREATE INDEX keyastrom_attributes_by_entity ON keyastrom_attributes (entity_id);
CREATE INDEX keyastrom_comments_by_event ON keyastrom_comments (event_id, id);
CREATE INDEX keyastrom_entities_by_name ON keyastrom_entities (type, name_key, last_seen);
CREATE INDEX keyastrom_events_by_entity ON keyastrom_events (entity_id, end_ms);
CREATE INDEX keyastrom_events_by_time ON keyastrom_events (end_ms, start_ms);
CREATE INDEX keyastrom_relationships_by_end ON keyastrom_relationships (to_id, name_folded, from_id);
CREATE INDEX keyastrom_tags_by_entity ON keyastrom_tags (entity_id);
CREATE INDEX keyastrom_zones_by_name ON keyastrom_zones (name, entity_id);
CREATE INDEX resources_by_position ON resources (api, collection, position);
CREATE INDEX sessions_by_end ON sessions (expires);
CREATE INDEX sessions_by_key ON sessions (key_id, created);
INSERT INTO "alembic_version" VALUES('0040');
INSERT INTO "event_digest_groups" VALUES('',NULL,NULL);
INSERT INTO "event_digests" VALUES('',NULL,NULL,NULL);
INSERT INTO "eventhos_applications" VALUES(1,'eventhos_api',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(1,1,'*',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(2,2,'*',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(3,2,'create',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(4,2,'update',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(5,2,'delete',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(6,2,'select',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(7,3,'*',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(8,3,'create',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(9,3,'update',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(10,3,'delete',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(11,3,'select',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(12,4,'*',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(13,4,'create',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(14,4,'update',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(15,4,'delete',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(16,4,'select',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(17,5,'*',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(18,5,'create',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(19,5,'update',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(20,5,'delete',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(21,5,'select',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(22,6,'*',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(23,6,'create',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(24,6,'update',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(25,6,'delete',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(26,6,'select',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(27,7,'*',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(28,7,'create',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(29,7,'update',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(30,7,'delete',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(31,7,'select',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(32,8,'*',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(33,8,'create',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(34,8,'update',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(35,8,'delete',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(36,8,'select',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(37,9,'*',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(38,9,'create',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(39,9,'update',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(40,9,'delete',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(41,9,'select',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(42,10,'*',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(43,10,'create',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(44,10,'update',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(45,10,'delete',0,NULL);
INSERT INTO "eventhos_permissions" VALUES(46,10,'select',0,NULL);
INSERT INTO "eventhos_resources" VALUES(1,1,'OAUTH2_global',0,NULL);
INSERT INTO "eventhos_resources" VALUES(2,1,'OAUTH2_user',0,NULL);
INSERT INTO "eventhos_resources" VALUES(3,1,'OAUTH2_client',0,NULL);
INSERT INTO "eventhos_resources" VALUES(4,1,'OAUTH2_application',0,NULL);
INSERT INTO "eventhos_resources" VALUES(5,1,'OAUTH2_role',0,NULL);
INSERT INTO "eventhos_resources" VALUES(6,1,'OAUTH2_permission',0,NULL);
INSERT INTO "eventhos_resources" VALUES(7,1,'contract',0,NULL);
INSERT INTO "eventhos_resources" VALUES(8,1,'action',0,NULL);
INSERT INTO "eventhos_resources" VALUES(9,1,'event',0,NULL);
INSERT INTO "eventhos_resources" VALUES(10,1,'system',0,NULL);
INSERT INTO "eventhos_role_permissions" VALUES(1,1);
INSERT INTO "eventhos_roles" VALUES(1,'admin',0,NULL);
