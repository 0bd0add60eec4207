using MassTransit;
using MassTransit.Context;
using MassTransit.Saga;
using Microsoft.EntityFrameworkCore;

namespace Tutti.ServiceDefaults.Messaging;

/// <summary>
/// Keeps the instances of a state machine in the service's own database, in the transaction that the inbox has begun. Concurrency is
/// told by <see cref="ISagaVersion.Version"/>: the loser of a race is tried again on what the winner wrote.
/// </summary>
internal sealed class SagaRepositoryContextFactory<TSaga, TDb>(TDb db, ISagaConsumeContextFactory<TDb, TSaga> factory) : ISagaRepositoryContextFactory<TSaga>
    where TSaga : class, SagaStateMachineInstance, ISagaVersion where TDb : DbContext
{
    public Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<TSaga, T>> next) where T : class =>
        next.Send(new RepositoryContext<T>(db, context, factory));

    public Task SendQuery<T>(ConsumeContext<T> context, ISagaQuery<TSaga> query, IPipe<SagaRepositoryQueryContext<TSaga, T>> next) where T : class =>
        throw new NotSupportedException("Events find their instance by id, not by a query.");

    public void Probe(ProbeContext context) => context.CreateFilterScope("sagaRepository");

    private sealed class RepositoryContext<T>(TDb db, ConsumeContext<T> consume, ISagaConsumeContextFactory<TDb, TSaga> factory)
        : ConsumeContextScope<T>(consume, db), SagaRepositoryContext<TSaga, T> where T : class
    {
        private readonly ConsumeContext<T> context = consume;

        public Task<SagaConsumeContext<TSaga, T>> Add(TSaga instance) => Create(instance, SagaConsumeContextMode.Add);

        public async Task<SagaConsumeContext<TSaga, T>> Insert(TSaga instance)
        {
            db.Add(instance);
            return await Create(instance, SagaConsumeContextMode.Insert);
        }

        public async Task<SagaConsumeContext<TSaga, T>?> Load(Guid correlationId) =>
            await db.Set<TSaga>().SingleOrDefaultAsync(saga => saga.CorrelationId == correlationId, CancellationToken) is { } instance
                ? await Create(instance, SagaConsumeContextMode.Load)
                : null;

        // Saved with everything else, when the inbox commits.
        public Task Save(SagaConsumeContext<TSaga> context)
        {
            db.Add(context.Saga);
            return Task.CompletedTask;
        }

        public Task Update(SagaConsumeContext<TSaga> context) => Task.CompletedTask;

        public Task Delete(SagaConsumeContext<TSaga> context)
        {
            db.Remove(context.Saga);
            return Task.CompletedTask;
        }

        public Task Discard(SagaConsumeContext<TSaga> context) => Task.CompletedTask;

        public Task Undo(SagaConsumeContext<TSaga> context)
        {
            db.Entry(context.Saga).State = EntityState.Unchanged;
            return Task.CompletedTask;
        }

        public Task<SagaConsumeContext<TSaga, TOther>> CreateSagaConsumeContext<TOther>(ConsumeContext<TOther> consumeContext, TSaga instance, SagaConsumeContextMode mode) where TOther : class =>
            factory.CreateSagaConsumeContext(db, consumeContext, instance, mode);

        private Task<SagaConsumeContext<TSaga, T>> Create(TSaga instance, SagaConsumeContextMode mode) =>
            factory.CreateSagaConsumeContext(db, context, instance, mode);
    }
}
