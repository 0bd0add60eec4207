using MassTransit;
using MassTransit.Configuration;
using MassTransit.Middleware;
using MassTransit.Saga;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Tutti.ServiceDefaults.Messaging;

/// <summary>How messages travel.</summary>
public enum Transport
{
    /// <summary>Inside the one process: the embedded default.</summary>
    InMemory,

    /// <summary>RabbitMQ, quorum queues, publisher confirms.</summary>
    RabbitMq,
}

/// <summary>The bus of a process, and how a service puts its reactions on it.</summary>
public static class Bus
{
    /// <summary>
    /// How often a message may come back to its queue. RabbitMQ 4 drops it after 20 times by default, which a database that is away for some
    /// minutes reaches; what fails for good ends among the dead letters, so there is no need of a limit.
    /// </summary>
    private const int DeliveryLimit = 1_000_000_000;

    /// <summary>Tag of the health check that asks for the broker.</summary>
    internal const string HealthTag = "masstransit";

    private static readonly TimeSpan LongestDeclaration = TimeSpan.FromMinutes(2);

    /// <summary>Which transport this process uses (<c>Tutti:Broker:Transport</c>).</summary>
    public static Transport TransportOf(IConfiguration configuration) => configuration.GetValue("Tutti:Broker:Transport", Transport.InMemory);

    /// <summary>Adds the bus; each service of the process adds its reactions.</summary>
    public static WebApplicationBuilder AddBus(this WebApplicationBuilder builder, params Action<IBusRegistrationConfigurator>[] services)
    {
        var transport = TransportOf(builder.Configuration);
        var names = new PinnedNames(builder.Configuration["Tutti:Broker:Prefix"] ?? "");
        builder.Services.TryAddSingleton<InProcessHandling>();
        builder.Services.TryAddSingleton<Delivery>();
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddSingleton(names);
            foreach (var add in services) add(bus);
            switch (transport)
            {
                case Transport.InMemory:
                    bus.UsingInMemory((context, configure) =>
                    {
                        configure.MessageTopology.SetEntityNameFormatter(names);
                        configure.ConcurrentMessageLimit = 8;
                        configure.ConfigureEndpoints(context);
                    });
                    break;
                case Transport.RabbitMq:
                    bus.UsingRabbitMq((context, configure) =>
                    {
                        configure.Host(new Uri(builder.Configuration["Tutti:Broker:Url"] ?? throw new InvalidOperationException("Tutti:Broker:Url names no RabbitMQ server.")));
                        configure.MessageTopology.SetEntityNameFormatter(names);
                        configure.PrefetchCount = 32;
                        configure.DeployPublishTopology = true;
                        configure.ConfigureEndpoints(context);
                    });
                    break;
            }
        });
        builder.Services.Configure<MassTransitHostOptions>(options =>
        {
            options.WaitUntilStarted = transport == Transport.InMemory;
            options.StopTimeout = TimeSpan.FromSeconds(10);
            options.ConsumerStopTimeout = TimeSpan.FromSeconds(5); // then they are interrupted, and the next host takes up what they were at
        });
        return builder;
    }

    /// <summary>Puts a reaction on its queue. Retries are outside, so that each try has a fresh scope and transaction.</summary>
    public static void AddReaction<TDb, TConsumer>(this IBusRegistrationConfigurator bus, string queue) where TDb : DbContext where TConsumer : class, IConsumer
    {
        bus.AddConsumer<TConsumer>().Endpoint(endpoint => endpoint.Name = bus.FullName(queue));
        bus.AddQueue<TDb>(bus.FullName(queue), [.. typeof(TConsumer).GetInterfaces()
            .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IConsumer<>)).Select(type => type.GetGenericArguments()[0])]);
    }

    /// <summary>Puts a state machine on its queue, its instances in the service's database.</summary>
    public static void AddStateMachine<TDb, TMachine, TState>(this IBusRegistrationConfigurator bus, string queue)
        where TDb : DbContext where TMachine : class, SagaStateMachine<TState>, new() where TState : class, SagaStateMachineInstance, ISagaVersion
    {
        bus.AddSagaStateMachine<TMachine, TState>().Repository(repository =>
            repository.RegisterSagaRepository<TState, TDb, SagaConsumeContextFactory<TDb, TState>, SagaRepositoryContextFactory<TState, TDb>>())
            .Endpoint(endpoint => endpoint.Name = bus.FullName(queue));
        bus.AddQueue<TDb>(bus.FullName(queue), [.. new TMachine().Events.Select(@event => @event.GetType()).Where(type => type.IsGenericType).Select(type => type.GetGenericArguments()[0])]);
    }

    /// <summary>Declares queues and bindings on the broker without consuming, so that nothing published from now on is lost.</summary>
    internal static async Task DeclareQueuesAsync(IServiceProvider services)
    {
        if (services.GetService<IBusControl>() is not { } bus) return;
        using var limit = new CancellationTokenSource(LongestDeclaration);
        try
        {
            await bus.DeployAsync(limit.Token);
        }
        catch (OperationCanceledException late) when (limit.IsCancellationRequested)
        {
            throw new TimeoutException($"The broker did not take the queues within {LongestDeclaration.TotalSeconds:0} s.", late);
        }
    }

    internal static void AddOutbox<TDb>(this IServiceCollection services) where TDb : DbContext
    {
        services.AddSingleton<InboxQuestion<TDb>>();
        services.AddScoped<IOutboxContextFactory<TDb>, InboxContextFactory<TDb>>();
        services.AddSingleton<IHostedService, Dispatcher<TDb>>();
    }

    /// <summary>Several installations can share a broker: <c>Tutti:Broker:Prefix</c> keeps their queues apart.</summary>
    private static string FullName(this IBusRegistrationConfigurator bus, string queue) =>
        bus.Select(service => service.ImplementationInstance).OfType<PinnedNames>().Single().Prefix + queue;

    private static void AddQueue<TDb>(this IBusRegistrationConfigurator bus, string queue, IReadOnlyList<Type> contracts) where TDb : DbContext
    {
        bus.AddSingleton(new Reaction(queue, contracts));
        bus.AddConfigureEndpointsCallback((context, name, endpoint) =>
        {
            if (name != queue) return;
            if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit)
            {
                rabbit.SetQuorumQueue();
                rabbit.SetQueueArgument("x-delivery-limit", DeliveryLimit);
            }
            endpoint.PublishFaults = false;
            var deadLetters = new DeadLetters.Filter<TDb>(context, queue);
            endpoint.ConfigureError(error => error.UseFilter(deadLetters));
            endpoint.ConfigureDeadLetter(untaken => untaken.UseFilter(deadLetters));
            endpoint.UseMessageRetry(retry =>
            {
                retry.Ignore<RuleViolation>();
                retry.Exponential(6, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(8), TimeSpan.FromMilliseconds(150));
            });
            var inbox = new OutboxConsumePipeSpecificationObserver<TDb>(endpoint, context);
            endpoint.ConnectConsumerConfigurationObserver(inbox);
            endpoint.ConnectSagaConfigurationObserver(inbox);
        });
    }

    /// <summary>Exchanges are called what the contract says, whatever the class is called.</summary>
    private sealed record PinnedNames(string Prefix) : IEntityNameFormatter
    {
        public string FormatEntityName<T>() => Prefix + Outbox.NameOf(typeof(T));
    }
}
