import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { queryClient } from '@/api/client';
import { Toaster } from '@/components/toast';
import { TooltipProvider } from '@/components/ui/tooltip';
import { useAppliedPreferences } from './preferences';
import { router } from './router';

export function App() {
  useAppliedPreferences();
  return (
    <QueryClientProvider client={queryClient}>
      <TooltipProvider>
        <RouterProvider router={router} />
        <Toaster />
      </TooltipProvider>
    </QueryClientProvider>
  );
}
