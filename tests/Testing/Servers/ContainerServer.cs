using Docker.DotNet.Models;
using DotNet.Testcontainers.Configurations;
using DotNet.Testcontainers.Containers;

namespace Tutti.Testing;

/// <summary>A server in a container whose host port is fixed, so that clients find it again after a restart.</summary>
internal sealed class ContainerServer(string what, IContainer container, int port) : IServerEngine
{
    public string Description => $"{what} in container {container.Name.TrimStart('/')} on 127.0.0.1:{port}";

    public int Port => port;

    public Task StartAsync(CancellationToken cancellation) => container.StartAsync(cancellation);

    public Task StopAsync(CancellationToken cancellation) => container.StopAsync(cancellation);

    public async Task KillAsync(CancellationToken cancellation)
    {
        using var docker = TestcontainersSettings.OS.DockerEndpointAuthConfig.GetDockerClientBuilder(Guid.CreateVersion7()).Build();
        await docker.Containers.KillContainerAsync(container.Id, new ContainerKillParameters { Signal = "SIGKILL" }, cancellation);
        await Poll.UntilAsync(
            async stop => (await docker.Containers.InspectContainerAsync(container.Id, stop)).State?.Running is not true,
            TimeSpan.FromSeconds(20),
            () => $"{Description} is killed",
            cancellation);
    }

    public string LastLines() => $"docker logs {container.Name.TrimStart('/')}";

    public ValueTask DisposeAsync() => container.DisposeAsync();
}
