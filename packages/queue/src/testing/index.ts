export { fakeTrainer } from './fake-trainer.js';
export { NO_REDIS, RedisServer } from './redis-server.js';
