using System.Collections.Concurrent;
using MassTransit;

namespace Tutti.ServiceDefaults.Tests;

/// <summary>What one host has sent, in the order in which it was confirmed, and what a transport moved aside because nobody took it.</summary>
public sealed class Traffic : IPublishObserver
{
    private readonly ConcurrentQueue<(Guid MessageId, object Message)> sent = new();
    private readonly ConcurrentQueue<string> skipped = new();

    /// <summary>Every message sent so far.</summary>
    public IReadOnlyList<(Guid MessageId, object Message)> Sent => [.. sent];

    /// <summary>Queues of messages that nobody took.</summary>
    public IReadOnlyList<string> Skipped => [.. skipped];

    public Task PrePublish<T>(PublishContext<T> context) where T : class => Task.CompletedTask;

    public Task PostPublish<T>(PublishContext<T> context) where T : class
    {
        sent.Enqueue((context.MessageId ?? Guid.Empty, context.Message));
        return Task.CompletedTask;
    }

    public Task PublishFault<T>(PublishContext<T> context, Exception exception) where T : class => Task.CompletedTask;

    /// <summary>Takes what the transport would move aside because no consumer of the queue took it.</summary>
    internal void Watch(IBusRegistrationConfigurator bus, string queue) =>
        bus.AddConfigureEndpointsCallback((_, name, endpoint) =>
        {
            if (name != queue) return;
            endpoint.ConfigureDeadLetter(letter => letter.UseExecute(_ => skipped.Enqueue(name)));
        });
}
